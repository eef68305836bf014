//! The demonstration, which waits for the simulated 国保連.

use crate::clock::wire;
use crate::failure::Failure;
use crate::{Config, OpenError, Relay};

pub(crate) struct Demo;

impl Demo {
    pub(crate) fn new(_: &std::path::Path) -> Self {
        Self
    }
}

impl Relay {
    /// Refuses: the simulated 国保連 is not attached yet.
    pub async fn open_demo(config: Config) -> Result<Self, OpenError> {
        drop(config);
        Err(OpenError::Real)
    }

    /// Does what a terminal does.
    pub async fn step_demo(&self) -> Result<(), Failure> {
        Err(Failure::NotFound)
    }

    pub(crate) async fn advance_demo(&self, _: &str) -> Result<(), Failure> {
        self.demo().map(drop);
        Err(Failure::NotFound)
    }

    /// Keeps the demonstration's time.
    pub async fn keep_demo_time(&self) -> Result<(), Failure> {
        Ok(self.storage().keep_demo_time(self.clock().business()).await?)
    }

    /// Tells what the relay says of itself.
    pub async fn status(&self) -> Result<relay_api::RelayStatus, Failure> {
        let last_contact = self.storage().last_contact().await?;
        Ok(relay_api::RelayStatus { now: wire(self.clock().business()), last_contact, demo: None })
    }

    /// Writes the letter of the sample corporation.
    pub async fn write_demo_letter(&self, _: &str) -> Result<String, Failure> {
        Err(Failure::NotFound)
    }
}
