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
	"bytes"
	"fmt"
	"strings"

	v3io "github.com/v3io/v3io-go/pkg/dataplane"
)

const shards = 4

// operations checks every operation on streams that v3io-go has; it has none that lets a stream grow.
func operations(container v3io.Container, stream string) error {
	checks := 0
	var failed error
	expect := func(what string, holds bool) {
		checks++
		if !holds && failed == nil {
			failed = fmt.Errorf("check %d failed: %s", checks, what)
		}
	}
	_, err := describe(container, stream)
	expect("a missing stream is 404", statusOf(err) == 404)
	create := v3io.CreateStreamInput{Path: stream, ShardCount: shards, RetentionPeriodHours: 48}
	if err := container.CreateStreamSync(&create); err != nil {
		return err
	}
	expect("a stream that exists is 409", statusOf(container.CreateStreamSync(&create)) == 409)
	description, err := describe(container, stream)
	if err != nil {
		return err
	}
	expect("shard count", description.ShardCount == shards)
	expect("retention", description.RetentionPeriodHours == 48)
	earliest := v3io.SeekShardInput{Type: v3io.SeekShardInputTypeEarliest}
	_, err = seek(container, stream, 1, earliest)
	expect("seek on an unborn shard is 404", statusOf(err) == 404)
	_, err = seek(container, stream, 99, earliest)
	expect("seek outside the stream is 400", statusOf(err) == 400)
	expect("and says why", err != nil && strings.Contains(err.Error(), "ShardIDOutOfRangeException"))

	one, outside := 1, 10
	results, err := put(container, stream, []*v3io.StreamRecord{
		{ShardID: &one, Data: []byte("first"), ClientInfo: []byte{0, 255}, PartitionKey: "ключ"},
		{ShardID: &one, Data: []byte{0, 1, 254, 255}},
		{ShardID: &outside, Data: []byte("no such shard")},
		{PartitionKey: "key", Data: []byte("by key")},
		{Data: []byte("anywhere")},
	})
	if err != nil {
		return err
	}
	expect("one failed", results.FailedRecordCount == 1)
	expect("a result for each", len(results.Records) == 5)
	expect("its code", results.Records[2].ErrorCode == -201326594)
	expect("its name", results.Records[2].ErrorMessage == "ShardIDOutOfRangeException")
	expect("order", results.Records[0].SequenceNumber < results.Records[1].SequenceNumber)

	location, err := seek(container, stream, 1, earliest)
	if err != nil {
		return err
	}
	batch, err := get(container, stream, 1, location, 1)
	if err != nil {
		return err
	}
	expect("the limit", len(batch.Records) == 1)
	first := batch.Records[0]
	expect("data", string(first.Data) == "first")
	expect("client info", bytes.Equal(first.ClientInfo, []byte{0, 255}))
	expect("still behind", batch.RecordsBehindLatest >= 1)
	batch, err = get(container, stream, 1, batch.NextLocation, 1)
	if err != nil {
		return err
	}
	expect("bytes", bytes.Equal(batch.Records[0].Data, []byte{0, 1, 254, 255}))
	for what, position := range map[string]v3io.SeekShardInput{
		"by number": {Type: v3io.SeekShardInputTypeSequence, StartingSequenceNumber: first.SequenceNumber},
		"by time":   {Type: v3io.SeekShardInputTypeTime, Timestamp: first.ArrivalTimeSec},
	} {
		location, err := seek(container, stream, 1, position)
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		found, err := get(container, stream, 1, location, 1)
		if err != nil {
			return err
		}
		expect(what, len(found.Records) == 1 && found.Records[0].SequenceNumber == first.SequenceNumber)
	}
	latest, err := seek(container, stream, 1, v3io.SeekShardInput{Type: v3io.SeekShardInputTypeLatest})
	if err != nil {
		return err
	}
	end, err := get(container, stream, 1, latest, 10)
	if err != nil {
		return err
	}
	expect("nothing after the latest", len(end.Records) == 0 && end.RecordsBehindLatest == 0)
	_, err = get(container, stream, 1, "bm90IGEgbG9jYXRpb24=", 10)
	expect("no location is 400", statusOf(err) == 400)

	response, err := container.GetContainerContentsSync(&v3io.GetContainerContentsInput{
		Path: stream, GetAllAttributes: true,
	})
	if err != nil {
		return err
	}
	newest := map[string]int{}
	for _, content := range response.Output.(*v3io.GetContainerContentsOutput).Contents {
		if content.LastSequenceID != nil {
			newest[content.Key[strings.LastIndex(content.Key, "/")+1:]] = *content.LastSequenceID
		}
	}
	response.Release()
	expect("the newest number in the listing", newest["1"] >= int(results.Records[1].SequenceNumber))

	if err := container.DeleteStreamSync(&v3io.DeleteStreamInput{Path: stream}); err != nil {
		return err
	}
	_, err = describe(container, stream)
	expect("gone", statusOf(err) == 404)
	if failed != nil {
		return failed
	}
	return printLine(map[string]int{"checks": checks})
}
