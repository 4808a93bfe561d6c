//! What a process does to others. On one core it happens at once; what concerns another core waits in the outbox until the
//! round is over, and then happens in the order of the cores.

use crate::host::Stream;
use crate::signal::Signal;
use crate::task::{Message, Monitor, Pid};

/// Something that happens to a process, or to the outside.
#[derive(Debug)]
pub(crate) enum Effect {
    /// A message. Its sender waits when the mailbox is full.
    Deliver { to: Pid, from: Pid, message: Message },
    /// The process is watched.
    Monitor { process: Pid, monitor: Monitor },
    /// It is not, any more.
    Unmonitor { process: Pid, watcher: Pid },
    /// The message that a monitor was to send.
    Tell { to: Pid, process: Pid, message: Message },
    /// Another process is linked to it.
    Link { process: Pid, other: Pid },
    /// It is not, any more.
    Unlink { process: Pid, other: Pid },
    /// One that it is linked to has ended.
    LinkEnded { process: Pid, other: Pid, normal: bool },
    /// A signal, by whom, and whether that one has the right.
    Signal { process: Pid, signal: Signal, by: Pid, allowed: bool },
    /// The mailbox that it waited for has room.
    Resume { process: Pid },
    /// It is to wait until the mailbox has room.
    Suspend { process: Pid, until: Pid },
    /// The answer to a reference; none when there will be none.
    Answer { reference: u64, message: Option<Message> },
    /// The one who was to answer is not waited for any more.
    Unwatch { process: Pid, reference: u64 },
    /// Nobody waits for the answer any more.
    DropReference { reference: u64 },
    /// The owner of the channel has ended.
    DropChannel { channel: u64 },
    /// A process that could access the segment has ended.
    LeaveSegment { process: Pid, segment: u64 },
    /// It may access a segment of this core.
    Share { process: Pid, segment: u64, writable: bool },
    /// The one who made it is told that a thing has ended, so that its number can be used again.
    Forget { process: Pid },
    /// The core that made a channel is told that it has ended.
    ForgetChannel { channel: u64 },
    /// It goes to the core where what it asked for is.
    Move { process: Pid, to: u32 },
    /// It and the channels come together on one core.
    Gather { process: Pid, channels: Vec<u64> },
    /// Output of a process that is not on the core of the console.
    Print { program: u32, stream: Stream, bytes: Vec<u8> },
}

/// Where an effect happens.
pub(crate) enum Target {
    /// Where this process is.
    Process(Pid),
    /// Where the reference was made.
    Reference(u64),
    /// Where the channel was made.
    Channel(u64),
    /// Where the segment was made.
    Segment(u64),
    /// On the core where the process was made.
    Maker(Pid),
    /// On the core where the channel was made.
    ChannelMaker(u64),
    /// Between rounds.
    Kernel,
}

impl Effect {
    pub(crate) fn target(&self) -> Target {
        match self {
            Effect::Deliver { to, .. } | Effect::Tell { to, .. } => Target::Process(*to),
            Effect::Monitor { process, .. }
            | Effect::Unmonitor { process, .. }
            | Effect::Link { process, .. }
            | Effect::Unlink { process, .. }
            | Effect::LinkEnded { process, .. }
            | Effect::Signal { process, .. }
            | Effect::Resume { process }
            | Effect::Suspend { process, .. }
            | Effect::Share { process, .. } => Target::Process(*process),
            Effect::Unwatch { process, .. } => Target::Process(*process),
            Effect::Answer { reference, .. } | Effect::DropReference { reference } => {
                Target::Reference(*reference)
            }
            Effect::DropChannel { channel } => Target::Channel(*channel),
            Effect::LeaveSegment { segment, .. } => Target::Segment(*segment),
            Effect::Forget { process } => Target::Maker(*process),
            Effect::ForgetChannel { channel } => Target::ChannelMaker(*channel),
            Effect::Move { .. } | Effect::Gather { .. } | Effect::Print { .. } => Target::Kernel,
        }
    }

    /// Words of memory it takes while it waits.
    pub(crate) fn words(&self) -> usize {
        const SELF: usize = size_of::<Effect>() / 8;
        SELF + match self {
            Effect::Deliver { message, .. } | Effect::Tell { message, .. } => message.words(),
            Effect::Monitor { monitor, .. } => monitor.message.as_ref().map_or(0, Message::words),
            Effect::Answer { message, .. } => message.as_ref().map_or(0, Message::words),
            Effect::Print { bytes, .. } => bytes.len() / 8,
            _ => 0,
        }
    }
}
