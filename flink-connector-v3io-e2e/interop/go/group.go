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
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"syscall"
	"time"

	v3io "github.com/v3io/v3io-go/pkg/dataplane"
	"github.com/v3io/v3io-go/pkg/dataplane/streamconsumergroup"
)

// commitPatience is how long the last commit, which v3io-go does in the background, may take.
const commitPatience = 20 * time.Second

// consume joins a consumer group as a Nuclio function does, and prints what it gets. Everything is marked as processed at once.
func consume(arguments []string) error {
	flags := flag.NewFlagSet("consume", flag.ContinueOnError)
	containerName := flags.String("container", "", "container of the stream")
	stream := flags.String("stream", "", "path of the stream")
	group := flags.String("group", "", "consumer group")
	name := flags.String("member", "member", "name of this member")
	replicas := flags.Int("replicas", 1, "members that share the shards")
	timeout := flags.Duration("timeout", 10*time.Second, "time without heartbeat after which a member counts as gone")
	latest := flags.Bool("latest", false, "where nothing is committed, begin at the end of a shard")
	until := flags.String("until", "", `ends when these are processed: {"shard": sequence number, ...}; else it goes on for ever`)
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	container, err := newContainer(*containerName)
	if err != nil {
		return err
	}

	config := streamconsumergroup.NewConfig()
	config.Session.Timeout = *timeout
	config.Session.HeartbeatInterval = *timeout / 10
	config.SequenceNumber.CommitInterval = 100 * time.Millisecond
	config.SequenceNumber.ShardWaitInterval = 100 * time.Millisecond
	config.Claim.RecordBatchFetch.Interval = 20 * time.Millisecond
	if *latest {
		config.Claim.RecordBatchFetch.InitialLocation = v3io.SeekShardInputTypeLatest
	}
	members, err := streamconsumergroup.NewStreamConsumerGroup(
		stderrLogger{}, *group, config, container, "/"+*stream, *replicas)
	if err != nil {
		return err
	}
	consumer, err := newConsumer(members, *until)
	if err != nil {
		return err
	}
	member, err := streamconsumergroup.NewMember(members, *name)
	if err != nil {
		return err
	}
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, syscall.SIGTERM)
	if err := member.Consume(consumer); err != nil {
		return err
	}
	select {
	case <-consumer.done:
	case <-interrupted:
	case <-consumer.aborted:
		return fmt.Errorf("the group took the shards of member %s away", *name)
	}
	if err := member.Close(); err != nil {
		return err
	}
	return consumer.awaitCommits()
}

// consumer prints each record and marks it. It is told of its shards, and consumes each in a goroutine of its own.
type consumer struct {
	group   streamconsumergroup.StreamConsumerGroup
	done    chan struct{}
	aborted chan struct{}

	mutex sync.Mutex
	// open has the shards that are still to reach a number; nil if there is no end.
	open   map[int]uint64
	marked map[int]uint64
}

func newConsumer(group streamconsumergroup.StreamConsumerGroup, until string) (*consumer, error) {
	created := &consumer{
		group:   group,
		done:    make(chan struct{}),
		aborted: make(chan struct{}),
		marked:  map[int]uint64{},
	}
	if until == "" {
		return created, nil
	}
	var ends map[string]uint64
	if err := json.Unmarshal([]byte(until), &ends); err != nil {
		return nil, err
	}
	created.open = map[int]uint64{}
	for text, end := range ends {
		shard, err := strconv.Atoi(text)
		if err != nil {
			return nil, err
		}
		created.open[shard] = end
	}
	return created, nil
}

// Setup is called before the shards are consumed.
func (c *consumer) Setup(session streamconsumergroup.Session) error {
	shards := []int{}
	for _, claim := range session.GetClaims() {
		shards = append(shards, claim.GetShardID())
	}
	return printLine(map[string]interface{}{"claimed": shards})
}

// Cleanup is called when the session ends.
func (c *consumer) Cleanup(streamconsumergroup.Session) error {
	return nil
}

// Abort is called when other members have taken the shards.
func (c *consumer) Abort(streamconsumergroup.Session) error {
	close(c.aborted)
	return nil
}

// ConsumeClaim prints the records of one shard until the shard's end is reached.
func (c *consumer) ConsumeClaim(session streamconsumergroup.Session, claim streamconsumergroup.Claim) error {
	shard := claim.GetShardID()
	end, bounded := c.endOf(shard)
	if bounded && end == 0 {
		return nil
	}
	for batch := range claim.GetRecordBatchChan() {
		for index := range batch.Records {
			record := batch.Records[index]
			if err := printRecord(shard, record.SequenceNumber, record.Data, record.PartitionKey, record.ClientInfo); err != nil {
				return err
			}
			if err := session.MarkRecord(&record); err != nil {
				return err
			}
			if c.processed(shard, record.SequenceNumber) {
				return nil
			}
		}
	}
	return nil
}

// endOf tells up to where a shard is consumed, and whether there is an end at all.
func (c *consumer) endOf(shard int) (uint64, bool) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.open[shard], c.open != nil
}

// processed notes it, and tells whether the shard has reached its end.
func (c *consumer) processed(shard int, sequence uint64) bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.marked[shard] = sequence
	end, bounded := c.open[shard]
	if !bounded || sequence < end {
		return false
	}
	delete(c.open, shard)
	if len(c.open) == 0 {
		close(c.done)
	}
	return true
}

// awaitCommits waits until what was marked is committed.
func (c *consumer) awaitCommits() error {
	deadline := time.Now().Add(commitPatience)
	for shard, sequence := range c.marked {
		for {
			committed, err := c.group.GetShardSequenceNumber(shard)
			if err == nil && committed == sequence {
				break
			}
			if time.Now().After(deadline) {
				return fmt.Errorf("shard %d is committed up to %d, expected %d (%v)", shard, committed, sequence, err)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	return printLine(map[string]interface{}{"committed": c.marked})
}
