// Tasks of a small operating system that hand packets to each other, after Martin Richards.
//
// The size is how often the system runs until all is done. Printed are the packets that were queued
// and how often a task was held.
package main

import (
	"fmt"
	"os"
	"strconv"
)

const (
	idle = iota
	worker
	handlerA
	handlerB
	deviceA
	deviceB
)

const idleTurns, wordsOfPacket = 10000, 4

type kind int

const (
	fromDevice kind = iota
	work
)

type packet struct {
	link  *packet
	id    int
	kind  kind
	datum int
	words [wordsOfPacket]int
}

// The queue with this packet at its end.
func (p *packet) appendTo(queue *packet) *packet {
	p.link = nil
	if queue == nil {
		return p
	}
	last := queue
	for last.link != nil {
		last = last.link
	}
	last.link = p
	return queue
}

// What a task does.
type behaviour interface {
	// Handles a packet, or goes on without one; returns who is to run next.
	work(s *scheduler, p *packet) *task
}

type task struct {
	behaviour
	scheduler               *scheduler
	id, priority            int
	queue                   *packet
	link                    *task
	runnable, waiting, held bool
}

func (t *task) isBlocked() bool { return t.held || (t.waiting && !t.runnable) }

func (t *task) run() *task {
	if !(t.waiting && t.runnable) {
		return t.work(t.scheduler, nil)
	}
	p := t.queue
	t.queue = p.link
	t.waiting = false
	t.runnable = t.queue != nil
	return t.work(t.scheduler, p)
}

// Takes a packet; returns who is to run then: this one, if it is more urgent than the sender.
func (t *task) take(p *packet, sender *task) *task {
	if t.queue != nil {
		p.appendTo(t.queue)
		return sender
	}
	t.queue = p
	t.runnable = true
	if t.priority > sender.priority {
		return t
	}
	return sender
}

type idleTask struct{ seed, left int }

func (t *idleTask) work(s *scheduler, p *packet) *task {
	t.left--
	if t.left == 0 {
		return s.hold()
	}
	if t.seed&1 == 0 {
		t.seed >>= 1
		return s.release(deviceA)
	}
	t.seed = (t.seed >> 1) ^ 0xd008
	return s.release(deviceB)
}

type workerTask struct{ receiver, letter int }

func (t *workerTask) work(s *scheduler, p *packet) *task {
	if p == nil {
		return s.wait()
	}
	if t.receiver == handlerA {
		t.receiver = handlerB
	} else {
		t.receiver = handlerA
	}
	p.id = t.receiver
	p.datum = 0
	for i := range p.words {
		t.letter++
		if t.letter > 26 {
			t.letter = 1
		}
		p.words[i] = t.letter
	}
	return s.send(p)
}

type handlerTask struct{ workIn, deviceIn *packet }

func (t *handlerTask) work(s *scheduler, p *packet) *task {
	if p != nil {
		if p.kind == work {
			t.workIn = p.appendTo(t.workIn)
		} else {
			t.deviceIn = p.appendTo(t.deviceIn)
		}
	}
	job := t.workIn
	if job == nil {
		return s.wait()
	}
	at := job.datum
	if at >= wordsOfPacket {
		t.workIn = job.link
		return s.send(job)
	}
	free := t.deviceIn
	if free == nil {
		return s.wait()
	}
	t.deviceIn = free.link
	free.datum = job.words[at]
	job.datum = at + 1
	return s.send(free)
}

type deviceTask struct{ pending *packet }

func (t *deviceTask) work(s *scheduler, p *packet) *task {
	if p != nil {
		t.pending = p
		return s.hold()
	}
	ready := t.pending
	if ready == nil {
		return s.wait()
	}
	t.pending = nil
	return s.send(ready)
}

type scheduler struct {
	queued, holds int
	tasks         []*task
	current       *task
}

func (s *scheduler) last() *task {
	if len(s.tasks) == 0 {
		return nil
	}
	return s.tasks[len(s.tasks)-1]
}

func (s *scheduler) add(id, priority int, queue *packet, b behaviour) *task {
	t := &task{behaviour: b, scheduler: s, id: id, priority: priority, queue: queue, link: s.last(),
		runnable: queue != nil, waiting: true}
	s.tasks = append(s.tasks, t)
	return t
}

func (s *scheduler) run() {
	s.current = s.last()
	for s.current != nil {
		if s.current.isBlocked() {
			s.current = s.current.link
		} else {
			s.current = s.current.run()
		}
	}
}

// The running task waits for a packet.
func (s *scheduler) wait() *task {
	s.current.waiting = true
	return s.current
}

// The running task stops until it is released.
func (s *scheduler) hold() *task {
	s.holds++
	s.current.held = true
	return s.current.link
}

func (s *scheduler) release(id int) *task {
	t := s.tasks[id]
	t.held = false
	if t.priority > s.current.priority {
		return t
	}
	return s.current
}

// Puts a packet into the queue of the task that it is for.
func (s *scheduler) send(p *packet) *task {
	receiver := s.tasks[p.id]
	s.queued++
	p.link = nil
	p.id = s.current.id
	return receiver.take(p, s.current)
}

func packets(count, id int, k kind) *packet {
	var queue *packet
	for i := 0; i < count; i++ {
		queue = &packet{link: queue, id: id, kind: k}
	}
	return queue
}

func system() *scheduler {
	s := &scheduler{}
	s.add(idle, 0, nil, &idleTask{seed: 1, left: idleTurns}).waiting = false
	s.add(worker, 1000, packets(2, worker, work), &workerTask{receiver: handlerA})
	s.add(handlerA, 2000, packets(3, deviceA, fromDevice), &handlerTask{})
	s.add(handlerB, 3000, packets(3, deviceB, fromDevice), &handlerTask{})
	s.add(deviceA, 4000, nil, &deviceTask{})
	s.add(deviceB, 5000, nil, &deviceTask{})
	return s
}

func main() {
	size, _ := strconv.Atoi(os.Args[1])
	queued, holds := 0, 0
	for i := 0; i < size; i++ {
		s := system()
		s.run()
		queued += s.queued
		holds += s.holds
	}
	fmt.Println(queued, holds)
}
