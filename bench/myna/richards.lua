-- Tasks of a small operating system that hand packets to each other, after Martin Richards.
--
-- The size is how often the system runs until all is done. Printed are the packets that were queued
-- and how often a task was held.

local IDLE, WORKER, HANDLER_A, HANDLER_B, DEVICE_A, DEVICE_B = 0, 1, 2, 3, 4, 5
local IDLE_TURNS, WORDS_OF_PACKET = 10000, 4
local FROM_DEVICE, WORK = 0, 1

-- Lua 5.4 has an operator for it, LuaJIT a library.
local xor = load and _VERSION ~= "Lua 5.1" and load("return function(a, b) return a ~ b end")() or require("bit").bxor

local Packet = {}
Packet.__index = Packet

function Packet.new(link, id, kind)
    return setmetatable({ link = link, id = id, kind = kind, datum = 0, words = { 0, 0, 0, 0 } }, Packet)
end

-- The queue with this packet at its end.
function Packet:append_to(queue)
    self.link = nil
    if not queue then return self end
    local last = queue
    while last.link do last = last.link end
    last.link = self
    return queue
end

local Task = {}
Task.__index = Task

local function subclass()
    local class = setmetatable({}, { __index = Task })
    class.__index = class
    return class
end

function Task.new(class, scheduler, id, priority, queue)
    return setmetatable({
        scheduler = scheduler,
        id = id,
        priority = priority,
        queue = queue,
        link = scheduler:last(),
        runnable = queue ~= nil,
        waiting = true,
        held = false,
    }, class)
end

function Task:is_blocked()
    return self.held or (self.waiting and not self.runnable)
end

function Task:run()
    if not (self.waiting and self.runnable) then return self:work(nil) end
    local packet = self.queue
    self.queue = packet.link
    self.waiting = false
    self.runnable = self.queue ~= nil
    return self:work(packet)
end

-- Takes a packet; returns who is to run then: this one, if it is more urgent than the sender.
function Task:take(packet, sender)
    if self.queue then
        packet:append_to(self.queue)
        return sender
    end
    self.queue = packet
    self.runnable = true
    return self.priority > sender.priority and self or sender
end

local IdleTask = subclass()

function IdleTask.new(scheduler, id, priority)
    local task = Task.new(IdleTask, scheduler, id, priority)
    task.waiting = false
    task.seed = 1
    task.left = IDLE_TURNS
    return task
end

function IdleTask:work(packet)
    self.left = self.left - 1
    if self.left == 0 then return self.scheduler:hold() end
    if self.seed % 2 == 0 then
        self.seed = self.seed / 2
        return self.scheduler:release(DEVICE_A)
    end
    self.seed = xor((self.seed - 1) / 2, 0xd008)
    return self.scheduler:release(DEVICE_B)
end

local WorkerTask = subclass()

function WorkerTask.new(scheduler, id, priority, queue)
    local task = Task.new(WorkerTask, scheduler, id, priority, queue)
    task.receiver = HANDLER_A
    task.letter = 0
    return task
end

function WorkerTask:work(packet)
    if not packet then return self.scheduler:wait() end
    self.receiver = self.receiver == HANDLER_A and HANDLER_B or HANDLER_A
    packet.id = self.receiver
    packet.datum = 0
    for i = 1, WORDS_OF_PACKET do
        self.letter = self.letter + 1
        if self.letter > 26 then self.letter = 1 end
        packet.words[i] = self.letter
    end
    return self.scheduler:send(packet)
end

local HandlerTask = subclass()

function HandlerTask.new(scheduler, id, priority, queue)
    return Task.new(HandlerTask, scheduler, id, priority, queue)
end

function HandlerTask:work(packet)
    if packet then
        if packet.kind == WORK then
            self.work_in = packet:append_to(self.work_in)
        else
            self.device_in = packet:append_to(self.device_in)
        end
    end
    local job = self.work_in
    if not job then return self.scheduler:wait() end
    local at = job.datum
    if at >= WORDS_OF_PACKET then
        self.work_in = job.link
        return self.scheduler:send(job)
    end
    local free = self.device_in
    if not free then return self.scheduler:wait() end
    self.device_in = free.link
    free.datum = job.words[at + 1]
    job.datum = at + 1
    return self.scheduler:send(free)
end

local DeviceTask = subclass()

function DeviceTask.new(scheduler, id, priority)
    return Task.new(DeviceTask, scheduler, id, priority)
end

function DeviceTask:work(packet)
    if packet then
        self.pending = packet
        return self.scheduler:hold()
    end
    local ready = self.pending
    if not ready then return self.scheduler:wait() end
    self.pending = nil
    return self.scheduler:send(ready)
end

local Scheduler = {}
Scheduler.__index = Scheduler

function Scheduler.new()
    return setmetatable({ queued = 0, holds = 0, tasks = {} }, Scheduler)
end

function Scheduler:last()
    return self.tasks[#self.tasks]
end

function Scheduler:add(task)
    self.tasks[#self.tasks + 1] = task
end

function Scheduler:run()
    self.current = self:last()
    while self.current do
        local task = self.current
        if task:is_blocked() then
            self.current = task.link
        else
            self.current = task:run()
        end
    end
end

-- The running task waits for a packet.
function Scheduler:wait()
    self.current.waiting = true
    return self.current
end

-- The running task stops until it is released.
function Scheduler:hold()
    self.holds = self.holds + 1
    self.current.held = true
    return self.current.link
end

function Scheduler:release(id)
    local task = self.tasks[id + 1]
    task.held = false
    return task.priority > self.current.priority and task or self.current
end

-- Puts a packet into the queue of the task that it is for.
function Scheduler:send(packet)
    local receiver = self.tasks[packet.id + 1]
    self.queued = self.queued + 1
    packet.link = nil
    packet.id = self.current.id
    return receiver:take(packet, self.current)
end

local function packets(count, id, kind)
    local queue
    for _ = 1, count do queue = Packet.new(queue, id, kind) end
    return queue
end

local function system()
    local s = Scheduler.new()
    s:add(IdleTask.new(s, IDLE, 0))
    s:add(WorkerTask.new(s, WORKER, 1000, packets(2, WORKER, WORK)))
    s:add(HandlerTask.new(s, HANDLER_A, 2000, packets(3, DEVICE_A, FROM_DEVICE)))
    s:add(HandlerTask.new(s, HANDLER_B, 3000, packets(3, DEVICE_B, FROM_DEVICE)))
    s:add(DeviceTask.new(s, DEVICE_A, 4000))
    s:add(DeviceTask.new(s, DEVICE_B, 5000))
    return s
end

local queued, holds = 0, 0
for _ = 1, tonumber(arg[1]) do
    local scheduler = system()
    scheduler:run()
    queued = queued + scheduler.queued
    holds = holds + scheduler.holds
end
print(queued .. " " .. holds)
