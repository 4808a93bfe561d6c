//! Between rounds: what the cores did to each other happens, and processes and channels go from core to core.

use std::io;

use crate::core::Core;
use crate::effect::{Effect, Target};
use crate::host::Host;
use crate::machine::Machine;
use crate::table::Whereabouts;
use crate::task::{Pid, State, WaitsFor};

/// Processes that one core may get from another after a round.
const MOVES_MAX: usize = 256;

impl<H: Host> Machine<H> {
    /// Lets happen what the cores did to each other, and what follows from that, in the order of the cores.
    pub(crate) fn settle(&mut self) -> io::Result<()> {
        while self.cores().any(|core| !core.outbox.is_empty()) {
            for number in 0..self.plan.cores {
                for effect in std::mem::take(&mut self.core_mut(number).outbox) {
                    self.carry_out(number, effect)?;
                }
            }
        }
        Ok(())
    }

    fn carry_out(&mut self, from: u32, effect: Effect) -> io::Result<()> {
        let to = match effect.target() {
            Target::Process(pid) => self.find_process(pid),
            Target::Reference(number) => self.find(|core| core.references.find(number)),
            Target::Channel(number) => self.find(|core| core.channels.find(number)),
            Target::Segment(number) => self.find(|core| core.segments.find(number)),
            Target::Maker(pid) => self.core(from).tasks.maker(pid.0),
            Target::ChannelMaker(channel) => self.core(from).channels.maker(channel),
            Target::Kernel => match effect {
                Effect::Print { program, stream, bytes } => return self.host.write(program, stream, &bytes),
                Effect::Move { process, to } => {
                    self.bring(process, from, to);
                    return Ok(());
                }
                Effect::Gather { process, channels } => {
                    self.gather(process, from, &channels);
                    return Ok(());
                }
                Effect::Ask { process } => {
                    self.answer_ask(process);
                    return Ok(());
                }
                _ => None,
            },
        };
        // Of what is nowhere any core can say that it is gone.
        self.core_mut(to.unwrap_or(from)).apply(effect);
        Ok(())
    }

    /// The core on which something is.
    pub(crate) fn find(&self, look: impl Fn(&Core) -> Whereabouts) -> Option<u32> {
        self.cores().find(|core| look(core) == Whereabouts::Here).map(|core| core.number)
    }

    pub(crate) fn find_process(&self, pid: Pid) -> Option<u32> {
        self.find(|core| core.tasks.find(pid.0))
    }

    /// Takes a process to the core to which it wants, where it can run.
    fn bring(&mut self, pid: Pid, from: u32, to: u32) {
        self.relocate(pid, from, to);
        let core = self.core_mut(to);
        if let Some(task) = core.tasks.get_mut(pid.0)
            && let State::Waits(WaitsFor::Core(_), _) = task.state
        {
            task.came = true;
            core.wake(pid);
        }
    }

    /// Takes channels, with everybody who waits at them, and a process to the lowest of the cores on which the channels are.
    fn gather(&mut self, process: Pid, from: u32, channels: &[u64]) {
        let mut places = Vec::new();
        for &channel in channels {
            match self.find(|core| core.channels.find(channel)) {
                Some(core) => places.push((channel, core)),
                None => {
                    let nowhere =
                        self.cores().find(|core| core.channels.find(channel) == Whereabouts::Nowhere);
                    let core = nowhere.map_or(from, |core| core.number);
                    return self.bring(process, from, core);
                }
            }
        }
        let to = places.iter().map(|place| place.1).min().unwrap_or(from);
        for (channel, core) in places {
            self.move_channels(channel, core, to);
        }
        self.bring(process, from, to);
    }

    /// Takes a channel to another core, and everything that has to be on one core with it.
    fn move_channels(&mut self, channel: u64, from: u32, to: u32) {
        if from == to {
            return;
        }
        let mut left = vec![channel];
        while let Some(number) = left.pop() {
            let core = self.core_mut(from);
            let Some(channel) = core.channels.depart(number, to) else { continue };
            core.held_words -= channel.charge();
            let waiting = channel.senders.iter().map(|&(pid, _)| pid);
            let waiting: Vec<Pid> = waiting.chain(channel.receivers.iter().map(|&(pid, ..)| pid)).collect();
            let there = self.core_mut(to);
            there.held_words += channel.charge();
            there.channels.arrive(number, channel);
            if let Some(maker) = self.core(to).channels.maker(number) {
                self.core_mut(maker).channels.moved(number, to);
            }
            for pid in waiting {
                let Some(task) = self.core(from).tasks.get(pid.0) else { continue };
                if let State::Waits(WaitsFor::Channel(_) | WaitsFor::Channels, _) = task.state {
                    left.extend(task.selected());
                    self.relocate(pid, from, to);
                }
            }
        }
    }

    /// Takes a process from one core to another.
    fn relocate(&mut self, pid: Pid, from: u32, to: u32) {
        if from == to {
            return;
        }
        let Some(task) = self.core_mut(from).depart(pid, to) else { return };
        self.core_mut(to).arrive(task);
        if let Some(maker) = self.core(to).tasks.maker(pid.0) {
            self.core_mut(maker).tasks.moved(pid.0, to);
        }
    }

    /// Moves processes from cores with many that can run to cores with few. Who has come for something stays until it has it.
    pub(crate) fn balance(&mut self) {
        let load = |core: &Core| core.policy.len() + usize::from(core.running);
        for _ in 0..self.plan.cores {
            let Some(most) = self.cores().max_by_key(|core| (load(core), u32::MAX - core.number)) else {
                return;
            };
            let Some(least) = self.cores().min_by_key(|core| (load(core), core.number)) else { return };
            let (from, to) = (most.number, least.number);
            let moves = (load(most) - load(least)) / 2;
            if moves == 0 {
                return;
            }
            let mut kept = Vec::new();
            for _ in 0..moves.min(MOVES_MAX) {
                let core = self.core_mut(from);
                let Some(pid) = core.policy.give_away() else { break };
                let Some(task) = core.tasks.get_mut(pid.0) else { continue };
                task.queued = false;
                if task.state != State::Ready || task.stopped {
                    continue;
                }
                if task.came {
                    kept.push(pid);
                } else {
                    self.relocate(pid, from, to);
                }
            }
            for pid in kept {
                self.core_mut(from).enqueue(pid, crate::sched::Why::Preempted);
            }
        }
    }
}
