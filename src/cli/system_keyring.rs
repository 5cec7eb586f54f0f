//! The system's keyring: macOS' Keychain, Windows' Credential Manager, the Secret Service of a Linux
//! desktop. Builds without the feature `keyring` have none.

use crate::secret::Secret;

/// Why a secret can't be kept in a keyring, or read from one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the system's keyring can't be used: {0}")]
pub(super) struct NoKeyring(String);

#[cfg(feature = "keyring")]
mod system {
    use keyring_core::{Entry, Error};

    use super::NoKeyring;
    use crate::secret::Secret;

    const SERVICE: &str = "opencx-sf";

    /// Does that with the entry of that name, on a thread of its own: keyrings block, and some bring
    /// a runtime of theirs.
    fn with<T: Send>(
        account: &str,
        act: impl FnOnce(&Entry) -> Result<T, Error> + Send,
    ) -> Result<T, NoKeyring> {
        let done = std::thread::scope(|scope| {
            let done = scope.spawn(|| {
                if keyring_core::get_default_store().is_none()
                    && let Err(error) = keyring::Entry::store_status()
                {
                    return Err(NoKeyring(error.to_string()));
                }
                let entry = Entry::new(SERVICE, account);
                entry
                    .and_then(|entry| act(&entry))
                    .map_err(|error| NoKeyring(reason(&error)))
            });
            done.join()
        });
        done.unwrap_or_else(|_| Err(NoKeyring("its library stopped".to_owned())))
    }

    /// Some errors hold the secret.
    fn reason(error: &Error) -> String {
        match error {
            Error::BadEncoding(_) | Error::BadDataFormat(..) => "it holds no text".to_owned(),
            other => other.to_string(),
        }
    }

    pub(in crate::cli) fn set(account: &str, secret: &Secret) -> Result<(), NoKeyring> {
        with(account, |entry| entry.set_password(secret.expose()))
    }

    pub(in crate::cli) fn get(account: &str) -> Result<Option<Secret>, NoKeyring> {
        with(account, |entry| match entry.get_password() {
            Ok(secret) => Ok(Some(Secret::new(secret))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(error),
        })
    }

    pub(in crate::cli) fn remove(account: &str) -> Result<(), NoKeyring> {
        with(account, |entry| match entry.delete_credential() {
            Err(Error::NoEntry) => Ok(()),
            other => other,
        })
    }
}

#[cfg(not(feature = "keyring"))]
mod system {
    use super::NoKeyring;
    use crate::secret::Secret;

    fn none<T>() -> Result<T, NoKeyring> {
        Err(NoKeyring("this build of opencx-sf knows none".to_owned()))
    }

    pub(in crate::cli) fn set(_: &str, _: &Secret) -> Result<(), NoKeyring> {
        none()
    }

    pub(in crate::cli) fn get(_: &str) -> Result<Option<Secret>, NoKeyring> {
        none()
    }

    pub(in crate::cli) fn remove(_: &str) -> Result<(), NoKeyring> {
        none()
    }
}

/// Keeps a secret under that name, in place of an earlier one.
pub(super) fn set(account: &str, secret: &Secret) -> Result<(), NoKeyring> {
    system::set(account, secret)
}

/// The secret of that name; `None` when there is none.
pub(super) fn get(account: &str) -> Result<Option<Secret>, NoKeyring> {
    system::get(account)
}

/// Forgets the secret of that name, if there is one.
pub(super) fn remove(account: &str) -> Result<(), NoKeyring> {
    system::remove(account)
}
