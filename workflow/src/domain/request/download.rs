//! Downloads: counted leave for one person, for a short while.

#[cfg(test)]
mod tests;

use jiff::Timestamp;
use subtle::ConstantTimeEq;

use super::Request;
use crate::domain::audit::{Actor, Fact};
use crate::domain::change::Change;
use crate::domain::digest::Digest;
use crate::domain::permission::{MayDownload, Refusal};
use crate::domain::person::Who;
use crate::domain::release::{Grants, PublishedArchive, Ticket};

impl Request {
    /// Grants a download. A person whose ticket still lives gets a new secret without being counted again, so that a
    /// broken download can go on.
    pub fn grant_download(
        &self,
        may: &MayDownload,
        secret: Digest,
        actor: Actor,
        at: Timestamp,
    ) -> Result<Change, Refusal> {
        let Some(policy) = self.policy() else { return Err(Refusal::NotADownloader) };
        let who = may.who();
        let mut draft = self.draft();
        draft.after.tickets.retain(|ticket| ticket.expires_at > at);
        let living = draft.after.tickets.iter().position(|ticket| ticket.person.is_same_person(who));
        let expires_at = if let Some(index) = living {
            draft.after.tickets.remove(index).expires_at
        } else {
            draft.after.count_grant(who, policy.download.limit)?;
            policy.calendar().after(at, policy.download.expires_after)
        };
        draft.after.tickets.push(Ticket { secret, person: who.clone(), granted_at: at, expires_at });
        let count = draft.after.grants_of(who);
        Ok(draft.finish(actor, at, Fact::DownloadGranted { to: Box::new(who.clone()), count, expires_at }))
    }

    /// How many tickets a person had.
    pub fn grants_of(&self, who: &Who) -> u32 {
        let mine = |g: &&Grants| !g.person.is_disjoint(&who.identities);
        self.grants.iter().filter(mine).map(|g| g.count).sum()
    }

    /// How many tickets a person has left.
    pub fn downloads_left(&self, who: &Who) -> u32 {
        self.policy().map_or(0, |policy| policy.download.limit.saturating_sub(self.grants_of(who)))
    }

    fn count_grant(&mut self, who: &Who, limit: u32) -> Result<(), Refusal> {
        if self.grants_of(who) >= limit {
            return Err(Refusal::NoDownloadsLeft { limit });
        }
        match self.grants.iter_mut().find(|g| !g.person.is_disjoint(&who.identities)) {
            Some(grants) => grants.count += 1,
            None => self.grants.push(Grants { person: who.identities.clone(), count: 1 }),
        }
        Ok(())
    }

    /// Redeems a ticket: it has to be this person's, of this request, and alive, and the release not revoked.
    pub fn redeem(&self, may: &MayDownload, secret: Digest, now: Timestamp) -> Result<&PublishedArchive, Refusal> {
        let is_good = |ticket: &&Ticket| {
            bool::from(ticket.secret.hex().as_bytes().ct_eq(secret.hex().as_bytes()))
                && ticket.expires_at > now
                && ticket.person.is_same_person(may.who())
        };
        self.tickets.iter().find(is_good).ok_or(Refusal::BadTicket)?;
        self.release.as_ref().and_then(|release| release.archive.as_ref()).ok_or(Refusal::BadTicket)
    }
}
