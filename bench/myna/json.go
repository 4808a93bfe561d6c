// A text in JSON: made, read, walked and written again.
//
// The size is the number of records. Printed are sums of what is in them and whether the text that is
// written is the one that was read.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
)

type random struct{ seed int }

func (r *random) next() int {
	r.seed = (r.seed*1309 + 13849) & 65535
	return r.seed
}

func quarters(n int) string {
	return strconv.Itoa(n/4) + []string{"", ".25", ".5", ".75"}[n%4]
}

func recordText(id int, r *random) string {
	active := "false"
	if r.next()%2 == 0 {
		active = "true"
	}
	scores := strings.Join([]string{quarters(r.next()), quarters(r.next()), quarters(r.next())}, ",")
	name := fmt.Sprintf(`"the \"%dth\" one\n"`, id)
	place := fmt.Sprintf(`{"x":%d,"y":-%d}`, r.next(), r.next())
	return fmt.Sprintf(`{"active":%s,"id":%d,"name":%s,"place":%s,"scores":[%s],"tag":null}`,
		active, id, name, place, scores)
}

type totals struct {
	numbers               float64
	letters, flags, nulls int
}

func (t *totals) add(value any) {
	switch value := value.(type) {
	case nil:
		t.nulls++
	case bool:
		if value {
			t.flags++
		}
	case float64:
		t.numbers += value
	case string:
		t.letters += len(value)
	case []any:
		for _, item := range value {
			t.add(item)
		}
	case map[string]any:
		for _, item := range value {
			t.add(item)
		}
	}
}

func main() {
	size, _ := strconv.Atoi(os.Args[1])
	r := &random{74755}
	records := []string{}
	for id := 0; id < size; id++ {
		records = append(records, recordText(id, r))
	}
	text := "[" + strings.Join(records, ",") + "]"
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		panic(err)
	}
	t := &totals{}
	t.add(value)
	written, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	fmt.Println(len(text), int(t.numbers), t.letters, t.flags, t.nulls, string(written) == text)
}
