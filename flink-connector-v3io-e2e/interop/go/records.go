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
	"errors"
	"fmt"
	"path"
	"strconv"

	v3io "github.com/v3io/v3io-go/pkg/dataplane"
	v3ioerrors "github.com/v3io/v3io-go/pkg/errors"
)

// Small on purpose: every stream of the tests takes several requests.
const (
	writeBatch = 100
	readLimit  = 7
)

func write(container v3io.Container, stream string) error {
	lines, err := readLines()
	if err != nil {
		return err
	}
	for start := 0; start < len(lines); start += writeBatch {
		end := start + writeBatch
		if end > len(lines) {
			end = len(lines)
		}
		var records []*v3io.StreamRecord
		for _, line := range lines[start:end] {
			record := &v3io.StreamRecord{ShardID: line.Shard, Data: line.Data, ClientInfo: line.Client}
			if line.Key != nil {
				record.PartitionKey = *line.Key
			}
			records = append(records, record)
		}
		results, err := put(container, stream, records)
		if err != nil {
			return err
		}
		for _, result := range results.Records {
			shard := result.ShardID
			if err := printLine(line{Shard: &shard, Sequence: result.SequenceNumber}); err != nil {
				return err
			}
		}
		if results.FailedRecordCount > 0 {
			return fmt.Errorf("%d records were not stored", results.FailedRecordCount)
		}
	}
	return nil
}

func put(container v3io.Container, stream string, records []*v3io.StreamRecord) (*v3io.PutRecordsOutput, error) {
	response, err := container.PutRecordsSync(&v3io.PutRecordsInput{Path: stream, Records: records})
	if err != nil {
		return nil, err
	}
	defer response.Release()
	return response.Output.(*v3io.PutRecordsOutput), nil
}

func describe(container v3io.Container, stream string) (v3io.DescribeStreamOutput, error) {
	response, err := container.DescribeStreamSync(&v3io.DescribeStreamInput{Path: stream})
	if err != nil {
		return v3io.DescribeStreamOutput{}, err
	}
	defer response.Release()
	return *response.Output.(*v3io.DescribeStreamOutput), nil
}

func seek(container v3io.Container, stream string, shard int, input v3io.SeekShardInput) (string, error) {
	input.Path = path.Join(stream, strconv.Itoa(shard))
	response, err := container.SeekShardSync(&input)
	if err != nil {
		return "", err
	}
	defer response.Release()
	return response.Output.(*v3io.SeekShardOutput).Location, nil
}

func get(container v3io.Container, stream string, shard int, location string, limit int) (*v3io.GetRecordsOutput, error) {
	response, err := container.GetRecordsSync(&v3io.GetRecordsInput{
		Path:     path.Join(stream, strconv.Itoa(shard)),
		Location: location,
		Limit:    limit,
	})
	if err != nil {
		return nil, err
	}
	defer response.Release()
	return response.Output.(*v3io.GetRecordsOutput), nil
}

func statusOf(err error) int {
	var status v3ioerrors.ErrorWithStatusCode
	if errors.As(err, &status) {
		return status.StatusCode()
	}
	return 0
}

// read prints all records, shard by shard, each in its order.
func read(container v3io.Container, stream string) error {
	description, err := describe(container, stream)
	if err != nil {
		return err
	}
	for shard := 0; shard < description.ShardCount; shard++ {
		location, err := seek(container, stream, shard, v3io.SeekShardInput{Type: v3io.SeekShardInputTypeEarliest})
		if statusOf(err) == 404 {
			// A shard is born with its first record.
			continue
		}
		if err != nil {
			return err
		}
		for more := true; more; {
			batch, err := get(container, stream, shard, location, readLimit)
			if err != nil {
				return err
			}
			for _, record := range batch.Records {
				if err := printRecord(shard, record.SequenceNumber, record.Data, record.PartitionKey, record.ClientInfo); err != nil {
					return err
				}
			}
			location = batch.NextLocation
			more = batch.RecordsBehindLatest > 0
		}
	}
	return nil
}

func printRecord(shard int, sequence uint64, data []byte, key string, client []byte) error {
	printed := line{Shard: &shard, Sequence: sequence, Data: data, Client: client}
	if key != "" {
		printed.Key = &key
	}
	return printLine(printed)
}
