//! The bucket that a command is pointed to, and the secret key that opens it.

use std::path::Path;

use super::arguments::StorageArguments;
use super::failure::Failure;
use super::password::read_hidden;
use crate::backup::settings::SECRET_MAX;
use crate::backup::target::{Address, Target};
use crate::vocab::problem::Findings;

/// Where other programs look for it too.
const SECRET: &str = "AWS_SECRET_ACCESS_KEY";
const ASK_SECRET: &str = "Secret key of the storage: ";

/// The bucket that `place` names, if it names one and no folder.
///
/// # Errors
/// What is missing or wrong, and the mend.
pub(super) fn address(place: &Path, asked: &StorageArguments) -> Result<Option<Address>, Failure> {
    let Some(mut address) = place.to_str().and_then(Address::of_url) else { return Ok(None) };
    let missing = |what: &str| Failure::usage(format!("A bucket also needs {what}."));
    let endpoint = asked.endpoint.clone();
    address.endpoint = endpoint.ok_or_else(|| missing("the storage it is in: --endpoint URL"))?;
    let key = asked.access_key.clone();
    address.access_key = key.ok_or_else(|| missing("an access key: --access-key KEY"))?;
    address.region = asked.region.clone().unwrap_or(address.region);
    address.path_style = !asked.virtual_host;
    if let Some(file) = &asked.ca {
        let read = std::fs::read_to_string(file);
        let failed =
            |cause| Failure::new("cli.ca", format!("{} cannot be read: {cause}.", file.display()));
        address.ca_pem = Some(read.map_err(failed)?);
    }
    let mut findings = Findings::new();
    address.check(&mut findings);
    let wrong = |fields| Failure::refused("cli.bucket", "The bucket cannot be used.", fields);
    findings.verdict().map_err(wrong)?;
    Ok(Some(address))
}

/// The folder or the bucket that `place` names.
///
/// # Errors
/// What is missing or wrong, and the mend.
pub(super) fn target(place: &Path, asked: &StorageArguments) -> Result<Target, Failure> {
    Ok(match address(place, asked)? {
        Some(address) => Target::bucket(&address, &secret(asked)?),
        None => Target::folder(std::path::absolute(place).unwrap_or_else(|_| place.to_owned())),
    })
}

/// The secret half of the access key: from a file, the environment, or one line of standard input.
///
/// # Errors
/// None came.
pub(super) fn secret(asked: &StorageArguments) -> Result<String, Failure> {
    let failed = |cause| Failure::new("cli.secret", format!("No secret key came: {cause}."));
    let text = match (&asked.secret_file, std::env::var(SECRET)) {
        (Some(file), _) => std::fs::read_to_string(file).map_err(failed)?,
        (None, Ok(text)) if !text.trim().is_empty() => text,
        _ => read_hidden(ASK_SECRET).map_err(failed)?,
    };
    let text = text.trim().to_owned();
    if SECRET_MAX < text.len() {
        return Err(Failure::new("cli.secret", "This is no secret key: it is too long."));
    }
    Ok(text)
}
