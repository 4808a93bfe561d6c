//! A disk and a network card that exist only here, behind [`Host`]: slow, failing and lossy as a seed says, the same each time.
//!
//! What a guest sends with `ask_device` and what it gets back:
//!
//! | device | request | answer |
//! |---|---|---|
//! | 1 disk | 0, sector (2 bytes, the low one first) | status, 512 bytes |
//! | | 1, sector, 512 bytes | status |
//! | | 2 | status, when everything written before stays written |
//! | 2 card | 0, port, frame | status, when the frame has left |
//! | | 1, port | status, frame, when one for this port has come |
//!
//! The status is 0, or 1 when the device failed. Time is counted in rounds of the machine: how often it asked for answers and there was none.
//! A request with a number that is known is the same request again, as after a restart from a snapshot.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;

use mvm_kernel::{Host, Signal, Stream};

use crate::rng::Rng;

/// The number of the disk.
pub const DISK: i64 = 1;
/// The number of the network card.
pub const CARD: i64 = 2;
/// Bytes of a sector.
pub const SECTOR: usize = 512;
/// Frames that wait for somebody to receive them; of more, the oldest is dropped.
const QUEUE_MAX: usize = 256;

const DONE: u8 = 0;
const FAILED: u8 = 1;

/// What goes wrong, each in so many of 1,000 cases, and how slow devices are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Faults {
    /// Rounds that an answer takes at most, beside the first.
    pub slow: u64,
    /// A read, write or sync fails; a write may then have written a part of the sector.
    pub failing: u64,
    /// A frame is lost.
    pub dropped: u64,
    /// A frame comes twice.
    pub doubled: u64,
    /// A frame comes later than others that were sent after it.
    pub late: u64,
    /// A bit of a frame is another one.
    pub changed: u64,
}

/// Sectors, those of the medium and those that a power cut may take away again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Disk {
    medium: BTreeMap<u16, Box<[u8; SECTOR]>>,
    /// Written since the last sync, in this order.
    cache: Vec<(u16, Box<[u8; SECTOR]>)>,
}

impl Disk {
    /// What a read of the sector gives.
    pub fn sector(&self, sector: u16) -> [u8; SECTOR] {
        let cached = self.cache.iter().rev().find(|(known, _)| *known == sector).map(|(_, bytes)| &**bytes);
        cached.or_else(|| self.medium.get(&sector).map(|bytes| &**bytes)).copied().unwrap_or([0; SECTOR])
    }

    fn sync(&mut self) {
        for (sector, bytes) in self.cache.drain(..) {
            self.medium.insert(sector, bytes);
        }
    }

    /// What is left after a power cut: of each sector that was written and not synced the new bytes, the old ones, or the new ones up to some
    /// place.
    #[must_use]
    pub fn after_a_power_cut(mut self, rng: &mut Rng) -> Disk {
        for (sector, new) in std::mem::take(&mut self.cache) {
            let mut bytes = self.sector(sector);
            let kept = match rng.below(3) {
                0 => 0,
                1 => SECTOR,
                _ => rng.below(SECTOR as u64) as usize,
            };
            bytes[..kept].copy_from_slice(&new[..kept]);
            self.medium.insert(sector, Box::new(bytes));
        }
        self
    }
}

/// What became of frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traffic {
    /// Sent by guests.
    pub sent: u64,
    /// Given to guests.
    pub delivered: u64,
    /// Lost on the way, or because nobody took them.
    pub dropped: u64,
    /// Came once more than they were sent.
    pub doubled: u64,
    /// Have another bit somewhere.
    pub changed: u64,
}

/// The devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Devices {
    /// What goes wrong.
    pub faults: Faults,
    /// The disk.
    pub disk: Disk,
    /// What the card has done.
    pub traffic: Traffic,
    rng: Rng,
    /// Rounds that have passed.
    now: u64,
    /// The last request that was asked.
    last: u64,
    /// Answers on their way, by the round in which they are there, then by request.
    answers: BTreeMap<(u64, u64), Vec<u8>>,
    /// Frames on their way: when they come, in which order, for which port.
    wire: BTreeMap<(u64, u64), (u8, Vec<u8>)>,
    /// Frames that have come, by port.
    queues: BTreeMap<u8, VecDeque<Vec<u8>>>,
    /// Requests for frames, by port.
    listeners: BTreeMap<u8, VecDeque<u64>>,
    frames: u64,
}

impl Devices {
    /// Devices that do what this seed says.
    pub fn new(seed: u64, faults: Faults) -> Devices {
        Devices {
            faults,
            disk: Disk::default(),
            traffic: Traffic::default(),
            rng: Rng::new(seed),
            now: 0,
            last: 0,
            answers: BTreeMap::new(),
            wire: BTreeMap::new(),
            queues: BTreeMap::new(),
            listeners: BTreeMap::new(),
            frames: 0,
        }
    }

    /// Frames that are on the wire or wait for somebody to take them.
    pub fn frames_left(&self) -> u64 {
        let queued: usize = self.queues.values().map(VecDeque::len).sum();
        (self.wire.len() + queued) as u64
    }

    fn happens(&mut self, of_1000: u64) -> bool {
        self.rng.below(1000) < of_1000
    }

    /// The round in which something that begins now is done.
    fn done(&mut self) -> u64 {
        self.now + 1 + self.rng.below(self.faults.slow + 1)
    }

    fn ask(&mut self, number: u64, device: i64, what: &[u8]) -> bool {
        if device != DISK && device != CARD {
            return false;
        }
        if number <= self.last {
            return true;
        }
        self.last = number;
        if let (CARD, [1, port]) = (device, what) {
            self.listeners.entry(*port).or_default().push_back(number);
            self.match_up(*port);
            return true;
        }
        let answer = if device == DISK { self.ask_disk(what) } else { self.send(what) };
        let when = self.done();
        self.answers.insert((when, number), answer);
        true
    }

    fn ask_disk(&mut self, what: &[u8]) -> Vec<u8> {
        let fails = self.happens(self.faults.failing);
        match what {
            &[0, low, high] if !fails => {
                let mut answer = vec![DONE];
                answer.extend_from_slice(&self.disk.sector(u16::from_le_bytes([low, high])));
                answer
            }
            &[1, low, high, ref bytes @ ..] if bytes.len() == SECTOR => {
                let sector = u16::from_le_bytes([low, high]);
                let mut new = self.disk.sector(sector);
                let written = if fails { self.rng.below(SECTOR as u64) as usize } else { SECTOR };
                new[..written].copy_from_slice(&bytes[..written]);
                self.disk.cache.push((sector, Box::new(new)));
                vec![if fails { FAILED } else { DONE }]
            }
            [2] if !fails => {
                self.disk.sync();
                vec![DONE]
            }
            _ => vec![FAILED],
        }
    }

    fn send(&mut self, what: &[u8]) -> Vec<u8> {
        let &[0, port, ref frame @ ..] = what else { return vec![FAILED] };
        self.traffic.sent += 1;
        if self.happens(self.faults.dropped) {
            self.traffic.dropped += 1;
            return vec![DONE];
        }
        let twice = self.happens(self.faults.doubled);
        self.traffic.doubled += u64::from(twice);
        for _ in 0..1 + u64::from(twice) {
            let mut frame = frame.to_vec();
            if !frame.is_empty() && self.happens(self.faults.changed) {
                let at = self.rng.below(frame.len() as u64) as usize;
                frame[at] ^= 1 << self.rng.below(8);
                self.traffic.changed += 1;
            }
            let late = if self.happens(self.faults.late) { 1 + self.rng.below(20) } else { 0 };
            self.frames += 1;
            self.wire.insert((self.now + 1 + late, self.frames), (port, frame));
        }
        vec![DONE]
    }

    /// Gives frames of a port to those who wait for them.
    fn match_up(&mut self, port: u8) {
        let (Some(queue), Some(listeners)) = (self.queues.get_mut(&port), self.listeners.get_mut(&port))
        else {
            return;
        };
        while !queue.is_empty()
            && let Some(number) = listeners.pop_front()
        {
            let mut answer = vec![DONE];
            answer.extend(queue.pop_front().unwrap_or_default());
            self.traffic.delivered += 1;
            self.answers.insert((self.now, number), answer);
        }
    }

    /// What is there now: an answer; else a round passes.
    fn answered(&mut self) -> Option<(u64, Vec<u8>)> {
        let mut ports = BTreeSet::new();
        while let Some(entry) = self.wire.first_entry()
            && entry.key().0 <= self.now
        {
            let (port, frame) = entry.remove();
            let queue = self.queues.entry(port).or_default();
            queue.push_back(frame);
            if queue.len() > QUEUE_MAX {
                queue.pop_front();
                self.traffic.dropped += 1;
            }
            ports.insert(port);
        }
        ports.into_iter().for_each(|port| self.match_up(port));
        if let Some(entry) = self.answers.first_entry()
            && entry.key().0 <= self.now
        {
            let number = entry.key().1;
            return Some((number, entry.remove()));
        }
        self.now += 1;
        None
    }

    /// Whether an answer is on its way to somebody.
    fn is_busy(&self) -> bool {
        let awaited = |port: &u8| self.listeners.get(port).is_some_and(|waiting| !waiting.is_empty());
        !self.answers.is_empty() || self.wire.values().any(|(port, _)| awaited(port))
    }
}

/// A host that also has the devices.
#[derive(Debug, Clone)]
pub struct WithDevices<H> {
    /// Everything else.
    pub host: H,
    /// The devices.
    pub devices: Devices,
}

impl<H: Host> Host for WithDevices<H> {
    fn write(&mut self, program: u32, stream: Stream, bytes: &[u8]) -> io::Result<()> {
        self.host.write(program, stream, bytes)
    }

    fn read_line(&mut self, most: usize) -> io::Result<Vec<u8>> {
        self.host.read_line(most)
    }

    fn read(&mut self, most: usize) -> io::Result<Vec<u8>> {
        self.host.read(most)
    }

    fn can_read(&mut self) -> io::Result<bool> {
        self.host.can_read()
    }

    fn clock(&mut self) -> u64 {
        self.host.clock()
    }

    fn wall_clock(&mut self) -> i64 {
        self.host.wall_clock()
    }

    fn signal(&mut self) -> Option<Signal> {
        self.host.signal()
    }

    fn request(&mut self, number: u64, device: i64, what: &[u8]) -> io::Result<bool> {
        Ok(self.devices.ask(number, device, what))
    }

    fn completed(&mut self) -> io::Result<Option<(u64, Vec<u8>)>> {
        Ok(self.devices.answered())
    }

    fn wait(&mut self, until: Option<u64>, input: bool) -> io::Result<bool> {
        Ok(self.devices.is_busy() || self.host.wait(until, input)?)
    }
}
