//! What attackers try, from outside: requests that two readers would understand in two ways,
//! pages of others in a browser that is signed in here, forged places of origin, secrets that were
//! guessed, stolen or are over.
mod pages;
mod programs;
mod proxy;
mod wire;
