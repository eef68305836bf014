//! Passwords, tokens and their hashes.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{self, Output, ParamsString, PasswordHash, Salt, SaltString};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use rand::Rng;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use crate::failure::Failure;

/// Characters of a new password, at least.
const MIN_CHARACTERS: usize = 12;
/// Characters of a new password, at most.
const MAX_CHARACTERS: usize = 128;
/// Longest time that a request waits for its turn to be hashed.
const PATIENCE: Duration = Duration::from_secs(10);

/// Hashes and verifies passwords with argon2id, a few at a time: each takes 19 MiB and a core for some tens of
/// milliseconds, so that a flood of sign-ins must not take the whole machine.
pub(crate) struct Hasher {
    turns: Arc<Semaphore>,
    /// The memory of each turn. Taken from the allocator for every hash, it would stay behind in the arena of each of
    /// hundreds of blocking threads: gigabytes after a storm of sign-ins.
    memory: Arc<Mutex<Vec<Vec<Block>>>>,
}

impl Hasher {
    pub(crate) fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self { turns: Arc::new(Semaphore::new(cores)), memory: Arc::default() }
    }

    pub(crate) async fn hash(&self, password: String) -> Result<String, Failure> {
        self.run(move |memory| {
            let salt = SaltString::generate(&mut OsRng);
            let params = Params::default();
            let hash = PasswordHash {
                algorithm: Algorithm::Argon2id.ident(),
                version: Some(Version::V0x13.into()),
                params: ParamsString::try_from(&params)?,
                salt: Some(salt.as_salt()),
                hash: Some(output(&password, salt.as_salt(), params, memory)?),
            };
            Ok(hash.to_string())
        })
        .await?
        .map_err(|error: password_hash::Error| Failure::Internal(anyhow::anyhow!("hashing a password: {error}")))
    }

    /// Verifies `password` against `hash`. Without a hash (an unknown ID) it does the same work and returns `false`.
    pub(crate) async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, Failure> {
        self.run(move |memory| {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
            let parsed = PasswordHash::new(&hash)?;
            let (Some(salt), Some(expected)) = (parsed.salt, parsed.hash) else {
                return Err(password_hash::Error::PhcStringField);
            };
            // Equality of outputs takes the same time wherever they differ.
            Ok(output(&password, salt, Params::try_from(&parsed)?, memory)? == expected && known)
        })
        .await?
        .map_err(|error: password_hash::Error| Failure::Internal(anyhow::anyhow!("verifying a password: {error}")))
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Vec<Block>) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned())
            .await
            .map_err(|_| Failure::TooManyRequests { retry_after: 30 })?
            .map_err(|error| Failure::Internal(error.into()))?;
        let kept = Arc::clone(&self.memory);
        tokio::task::spawn_blocking(move || {
            let mut memory = kept.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
            let done = work(&mut memory);
            kept.lock().unwrap_or_else(PoisonError::into_inner).push(memory);
            drop(turn);
            done
        })
        .await
        .map_err(|error| Failure::Internal(error.into()))
    }
}

/// Computes the argon2id of a password in `memory`, which grows as the parameters want it.
fn output(password: &str, salt: Salt<'_>, params: Params, memory: &mut Vec<Block>) -> password_hash::Result<Output> {
    let mut bytes = [0; Salt::MAX_LENGTH];
    let salt = salt.decode_b64(&mut bytes)?;
    memory.resize(memory.len().max(params.block_count()), Block::default());
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    Output::init_with(Params::DEFAULT_OUTPUT_LEN, |out| {
        argon2.hash_password_into_with_memory(password.as_bytes(), salt, out, memory).map_err(Into::into)
    })
}

/// A hash with the parameters of all others that no password is known for: random bytes took the place of the result.
pub(crate) const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZS1zYWx0LWZvci1ub2JvZHk$4iY0pQ9vQm1oXv7b0m0dG1wq0m4oQ2kq3m2yq9r1s5E";

/// Refuses new passwords that the contract refuses.
pub(crate) fn check_new(new: &str, current: &str, login_id: &str) -> Result<(), Failure> {
    let characters = new.chars().count();
    if characters < MIN_CHARACTERS {
        return Err(Failure::WeakPassword("too short"));
    }
    if characters > MAX_CHARACTERS {
        return Err(Failure::WeakPassword("too long"));
    }
    if new == current {
        return Err(Failure::WeakPassword("the present password"));
    }
    if new.eq_ignore_ascii_case(login_id) {
        return Err(Failure::WeakPassword("the ID"));
    }
    Ok(())
}

/// Returns whether a password can be one at all, so that nobody makes the relay hash megabytes.
pub(crate) fn is_plausible(password: &str) -> bool {
    password.chars().count() <= MAX_CHARACTERS
}

/// Makes a temporary password. It has 79 random bits.
pub(crate) fn temporary() -> String {
    grouped(4)
}

/// Makes `groups` of four random characters. No character looks like another one: they are typed from paper.
pub(crate) fn grouped(groups: usize) -> String {
    const ALPHABET: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let mut random = rand::rng();
    let group = |random: &mut rand::rngs::ThreadRng| -> String {
        (0..4).map(|_| char::from(ALPHABET[random.random_range(0..ALPHABET.len())])).collect()
    };
    let groups: Vec<String> = (0..groups).map(|_| group(&mut random)).collect();
    groups.join("-")
}

/// A secret of 256 random bits that is given away once and kept only as its hash.
pub(crate) struct Token {
    /// What the client gets.
    pub(crate) text: String,
    /// What the relay keeps.
    pub(crate) hash: TokenHash,
}

/// SHA-256 of a token. The token is random, so that a slow hash would add nothing.
pub(crate) type TokenHash = [u8; 32];

impl Token {
    pub(crate) fn random() -> Self {
        let text = hex::encode(rand::rng().random::<[u8; 32]>());
        Self { hash: token_hash(&text), text }
    }
}

pub(crate) fn token_hash(text: &str) -> TokenHash {
    Sha256::digest(text.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(new: &str, expected: Option<&str>) {
        let refused = check_new(new, "the-present-one", "tanpopo-honbu").err();
        assert_eq!(refused.map(|f| f.to_string()), expected.map(|why| format!("weak password: {why}")), "{new}");
    }

    #[test]
    fn accepts_twelve_characters() {
        check("あいうえおかきくけこさし", None);
    }

    #[test]
    fn refuses_eleven_characters() {
        check("あいうえおかきくけこさ", Some("too short"));
    }

    #[test]
    fn refuses_129_characters() {
        check(&"a".repeat(128), None);
        check(&"a".repeat(129), Some("too long"));
    }

    #[test]
    fn refuses_the_present_one_and_the_id() {
        check("the-present-one", Some("the present password"));
        check("Tanpopo-Honbu", Some("the ID"));
    }

    #[tokio::test]
    async fn verifies_only_the_password_that_was_hashed() {
        let hasher = Hasher::new();
        let hash = hasher.hash("correct horse".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "NOBODY must cost the same: {hash}");
        assert!(hasher.verify("correct horse".into(), Some(hash.clone())).await.unwrap());
        assert!(!hasher.verify("correct hors".into(), Some(hash)).await.unwrap());
        assert!(!hasher.verify("anything".into(), None).await.unwrap());
    }

    #[tokio::test]
    async fn a_storm_takes_the_memory_of_as_many_hashes_as_there_are_cores() {
        let hasher = Hasher::new();
        let storm = (0..40).map(|n| hasher.verify(format!("password {n}"), None));
        assert!(futures_util::future::join_all(storm).await.into_iter().all(|verified| !verified.unwrap()));
        let cores = std::thread::available_parallelism().unwrap().get();
        let memory = hasher.memory.lock().unwrap();
        assert!((1..=cores).contains(&memory.len()));
        assert!(memory.iter().all(|blocks| blocks.len() == Params::default().block_count()));
    }

    /// What this relay has in its database was hashed by the library's own way.
    #[tokio::test]
    async fn knows_the_hashes_of_earlier_versions() {
        use argon2::PasswordHasher as _;
        let salt = SaltString::from_b64("c29tZS1zYWx0LWZvci1ub2JvZHk").unwrap();
        let hash = Argon2::default().hash_password(b"correct horse", &salt).unwrap().to_string();
        assert!(Hasher::new().verify("correct horse".into(), Some(hash)).await.unwrap());
    }

    #[test]
    fn temporary_passwords_differ_and_pass_the_rules() {
        let (one, other) = (temporary(), temporary());
        assert_ne!(one, other);
        assert_eq!(one.len(), 19);
        check(&one, None);
    }
}
