package wasmbin

// The plan of one function's metering: where to charge how much, found in one
// walk before a byte is written.
//
// A segment is a run of instructions that is executed at most once each time
// its start is passed. It begins at the function's entry, at a loop's header, at
// each arm of an if, and after the end of a block that something branches to;
// what follows the end of an if or a loop belongs to the segment before it.
// Every instruction belongs to one segment, and the segment's start charges for
// all of them. Loop headers and entries also check the balance, so that no more
// than one function's straight code runs on empty.

// The kinds of edits.
const (
	editCharge  = iota // a segment's start
	editCheck          // a segment's start that also checks the balance
	editReturn         // a return, which must pass the function's epilogue
	editPages          // the operand of memory.grow is on the stack
	editBytes          // the length of a memory operation is on the stack
	editEntries        // the length of a table operation is on the stack
)

// An edit is one change of the code. Edits are kept in the order of at.
type edit struct {
	kind uint8
	// loose segments may be charged for by their parent.
	loose bool
	at    int
	// value is the charge, or the branch depth of editReturn.
	value uint32
	// parent is the segment during which this one begins.
	parent int32
}

// A plan is all that is to be done to one function.
type plan struct {
	edits []edit
	// calls tells of a call to any other function: the frame counts.
	calls bool
	loops bool
	frame uint64
}

// smallArm is the cost up to which a segment is charged along with the one
// that leads to it: charging would cost more than the segment.
const smallArm = 8

// unchecked is the cost up to which a function without calls and loops does not
// check the balance: its callers do.
const unchecked = 256

// planner makes plans; it is reused from function to function.
type planner struct {
	walker
	// callBytes is, by type, what a call's parameters and results occupy.
	callBytes []uint64
	plan      plan
	current   int32
	dead      bool
}

func newPlanner(m *module) *planner {
	p := &planner{walker: walker{m: m, limits: &noLimits}}
	p.callBytes = make([]uint64, len(m.types))
	for i, t := range m.types {
		for _, list := range [...][]ValueType{t.params, t.results} {
			for _, v := range list {
				p.callBytes[i] += slotBytes(v)
			}
		}
	}
	return p
}

// make plans one function. The plan is valid until the next call.
func (p *planner) make(body int) (*plan, error) {
	p.enter(body)
	p.dead, p.current = false, 0
	own := p.m.funcs[p.m.importedFuncs+body]
	p.plan = plan{
		edits: append(p.plan.edits[:0], edit{kind: editCheck, value: costCall}),
		frame: frameBase + p.callBytes[own] + uint64(p.m.bodies[body].localBytes),
	}
	var in instr
	for p.next(&in) {
		p.visit(&in)
	}
	if p.err != nil {
		return nil, p.err
	}
	p.fold()
	return &p.plan, nil
}

func (p *planner) visit(in *instr) {
	if !p.dead {
		p.plan.edits[p.current].value += cost(in.op)
	}
	p.plan.frame += frameBytes(in.op)
	switch in.op {
	case opBlock:
		p.open()
	case opLoop:
		p.open()
		p.begin(editCheck, in.end, p.current, false)
		p.plan.loops = true
	case opIf:
		p.open()
		p.begin(editCharge, in.end, p.current, true)
	case opElse:
		p.begin(editCharge, in.end, p.labels[len(p.labels)-1].parent, true)
	case opEnd:
		p.close(in)
	case opBr, opBrTable, opUnreachable:
		p.dead = true
	case opReturn:
		p.add(edit{kind: editReturn, at: in.start, value: uint32(len(p.labels) - 1)})
		p.dead = true
	case opCall:
		p.call(p.m.funcs[in.index])
	case opCallIndirect:
		p.call(in.index)
	case opMemoryGrow:
		p.add(edit{kind: editPages, at: in.start})
	case opMemoryCopy, opMemoryFill, opMemoryInit:
		p.add(edit{kind: editBytes, at: in.start})
	case opTableInit, opTableCopy, opTableGrow, opTableFill:
		p.add(edit{kind: editEntries, at: in.start})
	}
}

func (p *planner) add(e edit) { p.plan.edits = append(p.plan.edits, e) }

// open remembers in the label just pushed which segment leads to it.
func (p *planner) open() {
	p.labels[len(p.labels)-1].parent = p.current
}

// begin starts a segment.
func (p *planner) begin(kind uint8, at int, parent int32, loose bool) {
	p.current = int32(len(p.plan.edits))
	p.add(edit{kind: kind, loose: loose, at: at, parent: parent})
	p.dead = false
}

// close goes on after an end: with the segment that led to an if or a loop, or
// with a new one after a block that was branched out of.
func (p *planner) close(in *instr) {
	switch last := len(p.labels) == 0; {
	case last:
	case p.popped.op != opBlock:
		p.current = p.popped.parent
		p.dead = false
	case p.popped.targeted:
		p.begin(editCharge, in.end, p.popped.parent, false)
	}
}

func (p *planner) call(typ uint32) {
	p.plan.calls = true
	p.plan.frame += p.callBytes[typ]
}

// fold moves small charges to the segments that lead to them, innermost first,
// and spares the check where little can happen.
func (p *planner) fold() {
	edits := p.plan.edits
	for i := len(edits) - 1; i > 0; i-- {
		if e := &edits[i]; e.loose && e.value <= smallArm {
			edits[e.parent].value += e.value
			e.value = 0
		}
	}
	if p.plan.calls || p.plan.loops {
		return
	}
	var all uint32
	for i := range edits {
		if edits[i].kind == editCharge || edits[i].kind == editCheck {
			all += edits[i].value
		}
	}
	if all <= unchecked {
		edits[0].kind = editCharge
	}
}
