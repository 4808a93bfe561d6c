// An incremental solver of one-way constraints with strengths, after Freeman-Benson and Maloney (DeltaBlue).
//
// The size is how often a chain of equalities and a projection are built, solved and changed. Printed is
// the sum of values found.
package main

import (
	"fmt"
	"os"
	"strconv"
)

// Strengths: the smaller, the stronger.
const (
	required      = 0
	preferred     = 2
	strongDefault = 3
	normal        = 4
	weakest       = 6
)

type variable struct {
	value        int
	constraints  []constraint
	determinedBy constraint
	mark         int
	walkStrength int
	stay         bool
}

func newVariable(value int) *variable {
	return &variable{value: value, walkStrength: weakest, stay: true}
}

func (v *variable) remove(c constraint) {
	for i, other := range v.constraints {
		if other == c {
			v.constraints = append(v.constraints[:i], v.constraints[i+1:]...)
			return
		}
	}
}

type constraint interface {
	strength() int
	addToGraph()
	removeFromGraph()
	chooseMethod(mark int)
	isSatisfied() bool
	markInputs(mark int)
	inputsKnown(mark int) bool
	output() *variable
	markUnsatisfied()
	recalculate()
	execute()
	// Whether its value comes from outside.
	isInput() bool
}

func add(c constraint, p *planner) {
	c.addToGraph()
	p.incrementalAdd(c)
}

func destroy(c constraint, p *planner) {
	if c.isSatisfied() {
		p.incrementalRemove(c)
	} else {
		c.removeFromGraph()
	}
}

// Tries to hold; returns the constraint that it takes the variable away from.
func satisfy(c constraint, mark int, p *planner) constraint {
	c.chooseMethod(mark)
	if !c.isSatisfied() {
		if c.strength() == required {
			panic("a required constraint cannot be satisfied")
		}
		return nil
	}
	c.markInputs(mark)
	out := c.output()
	overridden := out.determinedBy
	if overridden != nil {
		overridden.markUnsatisfied()
	}
	out.determinedBy = c
	if !p.addPropagate(c, mark) {
		panic("a cycle of constraints")
	}
	out.mark = mark
	return overridden
}

// The variable is to stay as it is.
type stayConstraint struct {
	strong    int
	variable  *variable
	satisfied bool
}

func (c *stayConstraint) strength() int { return c.strong }

func (c *stayConstraint) addToGraph() {
	c.variable.constraints = append(c.variable.constraints, c)
	c.satisfied = false
}

func (c *stayConstraint) removeFromGraph() {
	c.variable.remove(c)
	c.satisfied = false
}

func (c *stayConstraint) chooseMethod(mark int) {
	c.satisfied = c.variable.mark != mark && c.strong < c.variable.walkStrength
}

func (c *stayConstraint) isSatisfied() bool         { return c.satisfied }
func (c *stayConstraint) markInputs(mark int)       {}
func (c *stayConstraint) inputsKnown(mark int) bool { return true }
func (c *stayConstraint) output() *variable         { return c.variable }
func (c *stayConstraint) markUnsatisfied()          { c.satisfied = false }
func (c *stayConstraint) execute()                  {}
func (c *stayConstraint) isInput() bool             { return false }

func (c *stayConstraint) recalculate() {
	c.variable.walkStrength = c.strong
	c.variable.stay = true
}

// The variable is set from outside.
type editConstraint struct{ stayConstraint }

func (c *editConstraint) addToGraph() {
	c.variable.constraints = append(c.variable.constraints, c)
	c.satisfied = false
}

func (c *editConstraint) removeFromGraph() {
	c.variable.remove(c)
	c.satisfied = false
}

func (c *editConstraint) isInput() bool { return true }

func (c *editConstraint) recalculate() {
	c.variable.walkStrength = c.strong
	c.variable.stay = false
}

type direction int

const (
	unsatisfied direction = iota
	forward
	backward
)

// What constraints of two variables have, of which one follows from the other.
type binary struct {
	strong        int
	first, second *variable
	direction     direction
}

func (b *binary) strength() int { return b.strong }

func (b *binary) chooseMethod(mark int) {
	if b.first.mark == mark {
		b.direction = b.toward(b.second, forward, b.second.mark != mark)
	} else if b.second.mark == mark {
		b.direction = b.toward(b.first, backward, b.first.mark != mark)
	} else if b.first.walkStrength > b.second.walkStrength {
		b.direction = b.toward(b.first, backward, true)
	} else {
		b.direction = b.toward(b.second, forward, true)
	}
}

func (b *binary) toward(v *variable, way direction, possible bool) direction {
	if possible && b.strong < v.walkStrength {
		return way
	}
	return unsatisfied
}

func (b *binary) isSatisfied() bool   { return b.direction != unsatisfied }
func (b *binary) markInputs(mark int) { b.input().mark = mark }

func (b *binary) inputsKnown(mark int) bool {
	v := b.input()
	return v.mark == mark || v.stay || v.determinedBy == nil
}

func (b *binary) input() *variable {
	if b.direction == forward {
		return b.first
	}
	return b.second
}

func (b *binary) output() *variable {
	if b.direction == forward {
		return b.second
	}
	return b.first
}

func (b *binary) markUnsatisfied() { b.direction = unsatisfied }
func (b *binary) isInput() bool    { return false }

func max(a, b int) int {
	if a > b {
		return a
	}
	return b
}

type equalityConstraint struct{ binary }

func (c *equalityConstraint) addToGraph() {
	c.first.constraints = append(c.first.constraints, c)
	c.second.constraints = append(c.second.constraints, c)
	c.direction = unsatisfied
}

func (c *equalityConstraint) removeFromGraph() {
	c.first.remove(c)
	c.second.remove(c)
	c.direction = unsatisfied
}

func (c *equalityConstraint) recalculate() {
	source, out := c.input(), c.output()
	out.walkStrength = max(c.strong, source.walkStrength)
	out.stay = source.stay
	if out.stay {
		c.execute()
	}
}

func (c *equalityConstraint) execute() { c.output().value = c.input().value }

// The second variable is the first times `scale` plus `offset`.
type scaleConstraint struct {
	binary
	scale, offset *variable
}

func (c *scaleConstraint) addToGraph() {
	for _, v := range []*variable{c.first, c.second, c.scale, c.offset} {
		v.constraints = append(v.constraints, c)
	}
	c.direction = unsatisfied
}

func (c *scaleConstraint) removeFromGraph() {
	for _, v := range []*variable{c.first, c.second, c.scale, c.offset} {
		v.remove(c)
	}
	c.direction = unsatisfied
}

func (c *scaleConstraint) markInputs(mark int) {
	c.binary.markInputs(mark)
	c.scale.mark = mark
	c.offset.mark = mark
}

func (c *scaleConstraint) execute() {
	if c.direction == forward {
		c.second.value = c.first.value*c.scale.value + c.offset.value
	} else {
		c.first.value = (c.second.value - c.offset.value) / c.scale.value
	}
}

func (c *scaleConstraint) recalculate() {
	source, out := c.input(), c.output()
	out.walkStrength = max(c.strong, source.walkStrength)
	out.stay = source.stay && c.scale.stay && c.offset.stay
	if out.stay {
		c.execute()
	}
}

// Constraints in the order in which they are to be executed.
type plan struct{ constraints []constraint }

func (p *plan) add(c constraint) { p.constraints = append(p.constraints, c) }

func (p *plan) execute() {
	for _, c := range p.constraints {
		c.execute()
	}
}

type planner struct{ currentMark int }

func (p *planner) newMark() int {
	p.currentMark++
	return p.currentMark
}

func (p *planner) incrementalAdd(c constraint) {
	mark := p.newMark()
	overridden := satisfy(c, mark, p)
	for overridden != nil {
		overridden = satisfy(overridden, mark, p)
	}
}

func (p *planner) incrementalRemove(c constraint) {
	out := c.output()
	c.markUnsatisfied()
	c.removeFromGraph()
	unsatisfied := p.removePropagateFrom(out)
	for strength := required; strength < weakest; strength++ {
		for _, other := range unsatisfied {
			if other.strength() == strength {
				p.incrementalAdd(other)
			}
		}
	}
}

// The plan that begins with the constraints whose values come from outside.
func (p *planner) extractPlan(constraints []constraint) *plan {
	sources := []constraint{}
	for _, c := range constraints {
		if c.isInput() && c.isSatisfied() {
			sources = append(sources, c)
		}
	}
	return p.makePlan(sources)
}

func (p *planner) makePlan(todo []constraint) *plan {
	mark := p.newMark()
	result := &plan{}
	for len(todo) > 0 {
		c := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		out := c.output()
		if out.mark != mark && c.inputsKnown(mark) {
			result.add(c)
			out.mark = mark
			todo = p.addConsumers(out, todo)
		}
	}
	return result
}

// Recalculates what follows from the constraint; false when it follows from itself.
func (p *planner) addPropagate(c constraint, mark int) bool {
	todo := []constraint{c}
	for len(todo) > 0 {
		next := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if next.output().mark == mark {
			p.incrementalRemove(c)
			return false
		}
		next.recalculate()
		todo = p.addConsumers(next.output(), todo)
	}
	return true
}

func (p *planner) removePropagateFrom(out *variable) []constraint {
	out.determinedBy = nil
	out.walkStrength = weakest
	out.stay = true
	unsatisfied := []constraint{}
	todo := []*variable{out}
	for len(todo) > 0 {
		v := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, c := range v.constraints {
			if !c.isSatisfied() {
				unsatisfied = append(unsatisfied, c)
			} else if c != v.determinedBy {
				c.recalculate()
				todo = append(todo, c.output())
			}
		}
	}
	return unsatisfied
}

func (p *planner) addConsumers(v *variable, todo []constraint) []constraint {
	for _, c := range v.constraints {
		if c != v.determinedBy && c.isSatisfied() {
			todo = append(todo, c)
		}
	}
	return todo
}

// Sets the variable to the value, and what follows from it.
func (p *planner) change(v *variable, value int) {
	edit := newEdit(preferred, v)
	add(edit, p)
	plan := p.extractPlan([]constraint{edit})
	for i := 0; i < 10; i++ {
		v.value = value
		plan.execute()
	}
	destroy(edit, p)
}

func newEdit(strength int, v *variable) *editConstraint {
	return &editConstraint{stayConstraint{strong: strength, variable: v}}
}

// A chain of equal variables, of which the first is changed.
func chain(n int) int {
	p := &planner{}
	first := newVariable(0)
	last := first
	for i := 0; i < n; i++ {
		next := newVariable(0)
		add(&equalityConstraint{binary{strong: required, first: last, second: next}}, p)
		last = next
	}
	add(&stayConstraint{strong: strongDefault, variable: last}, p)
	edit := newEdit(preferred, first)
	add(edit, p)
	plan := p.extractPlan([]constraint{edit})
	sum := 0
	for i := 0; i < 100; i++ {
		first.value = i
		plan.execute()
		if last.value != i {
			panic("the chain is broken")
		}
		sum += last.value
	}
	return sum
}

// Variables that are others times a scale plus an offset, which are all changed.
func projection(n int) int {
	p := &planner{}
	scale, offset := newVariable(10), newVariable(1000)
	var source, target *variable
	targets := []*variable{}
	for i := 0; i < n; i++ {
		source, target = newVariable(i), newVariable(i)
		targets = append(targets, target)
		add(&stayConstraint{strong: normal, variable: source}, p)
		add(&scaleConstraint{binary{strong: required, first: source, second: target}, scale, offset}, p)
	}
	p.change(source, 17)
	if target.value != 1170 {
		panic("the first projection is wrong")
	}
	p.change(target, 1050)
	if source.value != 5 {
		panic("the second projection is wrong")
	}
	sum := 0
	p.change(scale, 5)
	for _, v := range targets {
		sum += v.value
	}
	p.change(offset, 2000)
	for _, v := range targets {
		sum += v.value
	}
	return sum
}

func main() {
	size, _ := strconv.Atoi(os.Args[1])
	sum := 0
	for i := 0; i < size; i++ {
		sum += chain(100) + projection(100)
	}
	fmt.Println(sum)
}
