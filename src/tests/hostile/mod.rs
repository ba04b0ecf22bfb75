//! What attackers try, from outside: requests that two readers would understand in two ways,
//! forged places of origin, secrets that were guessed, stolen or are over.
mod programs;
mod proxy;
mod wire;
