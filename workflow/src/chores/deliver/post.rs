//! Posting: every person's letters are written, handed over and recorded.

use super::Shift;
use super::pace::{self, Pending, Portion, Queues};
use super::task::{Task, Trouble};
use crate::domain::email::Email;
use crate::letter::{self, Unwritable};
use crate::ports::PortResult;
use crate::ports::mailer::Mail;
use crate::ports::outbox::Delivery;

impl Shift<'_> {
    /// Posts the letters of the tasks to everybody whom they have not reached, and says how many mails that took.
    pub(super) async fn post(&self, tasks: &mut [Task]) -> u32 {
        let mut mails = 0;
        for (to, pending) in queues(tasks) {
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
        Ok(pace::portion(pending, &reached, self.settings.mails_per_hour))
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
        match self.ports.mailer.send(&mail).await {
            Ok(answer) => {
                self.record(tasks, which, (to, answer)).await;
                true
            }
            Err(error) => {
                note(tasks, which, &Trouble::about(&error, to));
                false
            }
        }
    }

    fn write(&self, tasks: &[Task], which: &[usize], to: &Email) -> Result<Mail, Unwritable> {
        let occasions: Vec<_> = which.iter().filter_map(|&index| tasks.get(index)?.occasion()).collect();
        match occasions.as_slice() {
            [occasion] => letter::write(&self.settings.sender, *occasion, to),
            several => letter::write_digest(&self.settings.sender, several, to),
        }
    }

    /// Records that a mail reached somebody, with the twins of its letters that it stands for too.
    async fn record(&self, tasks: &mut [Task], which: &[usize], (to, answer): (&Email, String)) {
        let reached: Vec<_> = which.iter().filter_map(|&index| tasks.get(index)).collect();
        let is_told = |task: &&Task| reached.iter().any(|told| told.id() == task.id() || told.is_twin_of(task));
        let is_for = |task: &&Task| task.letter.iter().any(|letter| letter.addressees.contains(to));
        let ids: Vec<_> = tasks.iter().filter(is_for).filter(is_told).map(Task::id).collect();
        let delivery = Delivery { to: to.clone(), at: self.ports.clock.now(), answer, came_back: None };
        if let Err(error) = self.ports.outbox.deliver(&ids, &delivery).await {
            note(tasks, which, &Trouble::about(&error, to));
        }
    }
}

fn queues(tasks: &[Task]) -> Queues {
    let mut queues = Queues::new();
    for (index, task) in tasks.iter().enumerate() {
        let pending = Pending { task: index, request: task.id().request, was_held: task.leased.was_held };
        for to in task.letter.iter().flat_map(|letter| &letter.addressees) {
            let queue = queues.entry(to.clone()).or_default();
            let is_twin = |other: &Pending| tasks.get(other.task).is_some_and(|other| other.is_twin_of(task));
            if !queue.iter().any(is_twin) {
                queue.push(pending);
            }
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
