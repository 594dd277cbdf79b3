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

// Reads a shard with v3io-go, one request after another: reader ENDPOINT SECONDS. Prints the records and the CPU seconds of the
// process between the end of a warm-up and the end.
package main

import (
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"

	v3io "github.com/v3io/v3io-go/pkg/dataplane"
	v3iohttp "github.com/v3io/v3io-go/pkg/dataplane/http"
)

const (
	containerName = "bench"
	shard         = "source/0"
	limit         = 1000
	warmUp        = time.Second
)

func main() {
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(endpoint string, secondsText string) error {
	seconds, err := strconv.ParseFloat(secondsText, 64)
	if err != nil {
		return err
	}
	container, err := newContainer(endpoint)
	if err != nil {
		return err
	}
	response, err := container.SeekShardSync(&v3io.SeekShardInput{Path: shard, Type: v3io.SeekShardInputTypeEarliest})
	if err != nil {
		return err
	}
	location := response.Output.(*v3io.SeekShardOutput).Location
	response.Release()
	_, location, err = readFor(container, location, warmUp)
	if err != nil {
		return err
	}
	before, err := cpuTime()
	if err != nil {
		return err
	}
	records, _, err := readFor(container, location, time.Duration(seconds*float64(time.Second)))
	if err != nil {
		return err
	}
	after, err := cpuTime()
	if err != nil {
		return err
	}
	fmt.Println("read", records, (after - before).Seconds())
	return nil
}

func newContainer(endpoint string) (v3io.Container, error) {
	logger := quietLogger{}
	context, err := v3iohttp.NewContext(logger, &v3iohttp.NewContextInput{})
	if err != nil {
		return nil, err
	}
	session, err := context.NewSession(&v3io.NewSessionInput{URL: endpoint, AccessKey: "any"})
	if err != nil {
		return nil, err
	}
	return session.NewContainer(&v3io.NewContainerInput{ContainerName: containerName})
}

func readFor(container v3io.Container, location string, duration time.Duration) (int, string, error) {
	records := 0
	for end := time.Now().Add(duration); time.Now().Before(end); {
		response, err := container.GetRecordsSync(&v3io.GetRecordsInput{Path: shard, Location: location, Limit: limit})
		if err != nil {
			return 0, "", err
		}
		output := response.Output.(*v3io.GetRecordsOutput)
		records += len(output.Records)
		location = output.NextLocation
		response.Release()
	}
	return records, location, nil
}

func cpuTime() (time.Duration, error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, err
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), nil
}
