// Licensed under the Apache License, Version 2.0 (the "License");
// you may not use this file except in compliance with the License.
// You may obtain a copy of the License at
//
//     http://www.apache.org/licenses/LICENSE-2.0
//
// Unless required by applicable law or agreed to in writing, software
// distributed under the License is distributed on an "AS IS" BASIS,
// WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
// See the License for the specific language governing permissions and
// limitations under the License.

package main

import (
	"bufio"
	"encoding/json"
	"os"
	"sync"
)

// line is a record as the Java tests hand it over and get it back. encoding/json takes bytes as base64.
type line struct {
	Shard    *int    `json:"shard,omitempty"`
	Sequence uint64  `json:"sequence,omitempty"`
	Data     []byte  `json:"data"`
	Key      *string `json:"key,omitempty"`
	Client   []byte  `json:"client"`
}

var output sync.Mutex

// printLine writes one value at once, so that whoever waits for it sees it.
func printLine(value interface{}) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	output.Lock()
	defer output.Unlock()
	_, err = os.Stdout.Write(append(text, '\n'))
	return err
}

func readLines() ([]line, error) {
	var lines []line
	scanner := bufio.NewScanner(os.Stdin)
	scanner.Buffer(make([]byte, 1<<20), 16<<20)
	for scanner.Scan() {
		var read line
		if err := json.Unmarshal(scanner.Bytes(), &read); err != nil {
			return nil, err
		}
		lines = append(lines, read)
	}
	return lines, scanner.Err()
}
