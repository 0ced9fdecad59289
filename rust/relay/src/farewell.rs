//! How an open session ends: what each side is told, and what is written down of it.

use bytes::{BufMut, BytesMut};
use narrows_wire::{Inspector, Side};
use tokio::task::spawn_local;

use crate::{
    command::Refusal,
    event::Withdrawal,
    pump::{Pump, Stop},
};

impl Pump<'_, '_> {
    /// A side is gone.
    pub(crate) fn lost(&mut self, side: Side) -> Stop {
        if side == Side::Downstream {
            let withdrawn = self.withdraw_held(Withdrawal::HangUp);
            return withdrawn.err().unwrap_or_else(|| Stop::Done("the agent hung up".to_owned()));
        }
        // Nothing is held, nothing waits and yet nothing is wanted: the agent has sent Terminate.
        if !self.inspector.wants_input(Side::Downstream) && self.session.downstream.input.is_empty() {
            return Stop::Done("the agent left".to_owned());
        }
        Stop::Fatal(Refusal {
            sqlstate: *b"08006",
            message: "Narrows: the target closed the connection".to_owned(),
            hint: "Connect again.".to_owned(),
        })
    }

    /// Says what is to be said to both sides.
    pub(crate) fn end(mut self, stop: Stop) -> String {
        let (mut reason, farewell) = match stop {
            Stop::Done(reason) => (reason, None),
            Stop::Fatal(refusal) => (refusal.message.clone(), Some(refusal)),
            Stop::Journal(error) => {
                *self.actions.downstream() = BytesMut::new();
                self.actions.left_out.clear();
                let refusal = self.session.shared.journal_failed(&error);
                (refusal.message.clone(), Some(refusal))
            }
        };
        if let Err(Stop::Journal(error)) = self.withdraw_held(Withdrawal::SessionClosed) {
            reason = self.session.shared.journal_failed(&error).message;
        }
        self.inspector.hang_up();
        self.actions.records.clear();
        self.actions.upstream().clear();
        if let Some(Refusal { sqlstate, message, hint }) = farewell {
            self.inspector.terminate(sqlstate, &message, &hint, &mut self.actions);
            let masked_values = self.inspector.counters().masked_values;
            let left_out = std::mem::take(&mut self.actions.left_out);
            let reply = self.actions.downstream();
            self.session.recorder.add_except(&[], reply, &left_out, masked_values);
            if let Err(error) = self.session.recorder.write_now() {
                reason = self.session.shared.journal_failed(&error).message;
            }
            // Whether the agent is still there to hear it changes nothing.
            drop(self.session.downstream.transport.queue(self.actions.downstream()));
        }
        let counters = self.inspector.counters();
        self.session.counts.operations = counters.operations;
        self.session.counts.denials = counters.denials;
        self.session.counts.masked_values = counters.masked_values;
        let mut terminate = BytesMut::new();
        terminate.put_slice(b"X\0\0\0\x04");
        drop(self.upstream.transport.queue(&mut terminate));
        spawn_local(self.upstream.transport.finish());
        reason
    }
}
