package passhash

// Turns of lanes.

import "slices"

// turns are the lanes with waiting requests, in turn. Lanes of a group take the turns of one.
type turns []*group

type group struct {
	id    laneID
	lanes []*queue // not empty
}

// next returns the lane whose turn it is among those that can have a slot, or nil.
func (t *turns) next(can func(*queue) bool) *queue {
	for _, g := range *t {
		if i := slices.IndexFunc(g.lanes, can); i >= 0 {
			return g.lanes[i]
		}
	}
	return nil
}

func (t *turns) find(id laneID) int {
	return slices.IndexFunc(*t, func(g *group) bool { return g.id == id })
}

// add puts a lane at the end of its group, and a new group at the end.
func (t *turns) add(q *queue) {
	i := t.find(q.group)
	if i < 0 {
		i = len(*t)
		*t = append(*t, &group{id: q.group})
	}
	(*t)[i].lanes = append((*t)[i].lanes, q)
}

// remove takes a lane out.
func (t *turns) remove(q *queue) {
	i := t.find(q.group)
	g := (*t)[i]
	g.lanes = slices.DeleteFunc(g.lanes, func(other *queue) bool { return other == q })
	if len(g.lanes) == 0 {
		*t = slices.Delete(*t, i, i+1)
	}
}

// toEnd puts a group, which had its turn, behind the others. It does nothing if the group has no lane.
func (t *turns) toEnd(id laneID) {
	if i := t.find(id); i >= 0 {
		g := (*t)[i]
		*t = append(slices.Delete(*t, i, i+1), g)
	}
}

// waiting returns the number of requests that wait, at most most of each lane.
func (t *turns) waiting(most int) (n int) {
	for _, g := range *t {
		for _, q := range g.lanes {
			n += min(len(q.waiting), most)
		}
	}
	return n
}
