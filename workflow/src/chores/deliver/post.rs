//! Posting: every person's letters are written, handed over and recorded.

use jiff::Timestamp;

use super::Shift;
use super::pace::{self, Pending, Portion, Queues};
use super::task::{Task, Trouble};
use crate::domain::email::Email;
use crate::letter::{self, Unwritable};
use crate::ports::PortResult;
use crate::ports::mailer::Mail;

impl Shift<'_> {
    /// Posts the letters of the tasks to everybody whom they have not reached, and says how many mails that took.
    pub(super) async fn post(&self, tasks: &mut [Task]) -> u32 {
        let mut mails = 0;
        for (to, pending) in queues(tasks, pace::hour_of(self.began_at)) {
            let portion = match self.portion(&to, &pending).await {
                Ok(portion) => portion,
                Err(error) => {
                    note(tasks, &all(&pending), &Trouble::about(&error, &to));
                    continue;
                }
            };
            for &task in &portion.apart {
                mails += u32::from(self.post_one(tasks, &[task], &to).await);
            }
            if !portion.digest.is_empty() {
                mails += u32::from(self.post_one(tasks, &portion.digest, &to).await);
            }
            let next_hour = pace::next_hour(self.began_at);
            each(tasks, &portion.held, |task| task.held_until = Some(next_hour));
        }
        mails
    }

    async fn portion(&self, to: &Email, pending: &[Pending]) -> PortResult<Portion> {
        let reached = self.ports.outbox.reached(to, pace::hour_of(self.began_at)).await?;
        Ok(pace::portion(pending, reached, self.settings.mails_per_hour))
    }

    /// Posts one mail about one task or several, and tells whether it was handed over.
    async fn post_one(&self, tasks: &mut [Task], which: &[usize], to: &Email) -> bool {
        if self.is_over() {
            each(tasks, which, |task| task.is_cut_short = true);
            return false;
        }
        let mail = match self.write(tasks, which, to) {
            Ok(mail) => mail,
            Err(unwritable) => {
                note(tasks, which, &Trouble::Lasting(unwritable.to_string()));
                return false;
            }
        };
        if let Err(error) = self.ports.mailer.send(&mail).await {
            note(tasks, which, &Trouble::about(&error, to));
            return false;
        }
        for &index in which {
            self.record(tasks, index, to).await;
        }
        true
    }

    fn write(&self, tasks: &[Task], which: &[usize], to: &Email) -> Result<Mail, Unwritable> {
        let occasions: Vec<_> = which.iter().filter_map(|&index| tasks.get(index)?.occasion()).collect();
        match occasions.as_slice() {
            [occasion] => letter::write(&self.settings.sender, *occasion, to),
            several => letter::write_digest(&self.settings.sender, several, to),
        }
    }

    async fn record(&self, tasks: &mut [Task], index: usize, to: &Email) {
        let Some(task) = tasks.get_mut(index) else { return };
        if let Err(error) = self.ports.outbox.deliver(task.id(), to, self.ports.clock.now()).await {
            task.troubles.push(Trouble::about(&error, to));
        }
    }
}

fn queues(tasks: &[Task], hour: Timestamp) -> Queues {
    let mut queues = Queues::new();
    for (index, task) in tasks.iter().enumerate() {
        let is_late = task.leased.attempts > 0 && task.leased.message.created_at < hour;
        let pending = Pending { task: index, is_late };
        for to in task.letter.iter().flat_map(|letter| &letter.addressees) {
            queues.entry(to.clone()).or_default().push(pending);
        }
    }
    queues
}

fn all(pending: &[Pending]) -> Vec<usize> {
    pending.iter().map(|pending| pending.task).collect()
}

fn note(tasks: &mut [Task], which: &[usize], trouble: &Trouble) {
    each(tasks, which, |task| task.troubles.push(trouble.clone()));
}

fn each(tasks: &mut [Task], which: &[usize], act: impl Fn(&mut Task)) {
    for &index in which {
        if let Some(task) = tasks.get_mut(index) {
            act(task);
        }
    }
}
