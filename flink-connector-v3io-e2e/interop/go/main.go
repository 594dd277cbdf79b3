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

// Command interop reads and writes V3IO streams with v3io-go, as the Java tests tell it. Endpoint and key are V3IO_API and
// V3IO_ACCESS_KEY. What it has to say goes to standard output as lines of JSON, the client's log to standard error.
package main

import (
	"fmt"
	"os"

	v3io "github.com/v3io/v3io-go/pkg/dataplane"
	v3iohttp "github.com/v3io/v3io-go/pkg/dataplane/http"
)

const usage = `interop write CONTAINER STREAM       writes the records of standard input
interop read CONTAINER STREAM        prints all records
interop operations CONTAINER STREAM  checks the operations that v3io-go has
interop consume FLAGS                joins a consumer group, see interop consume -help`

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) > 0 && arguments[0] == "consume" {
		return consume(arguments[1:])
	}
	if len(arguments) != 3 {
		return fmt.Errorf("%s", usage)
	}
	container, err := newContainer(arguments[1])
	if err != nil {
		return err
	}
	// v3io-go deletes a stream only by a path that ends in a slash.
	stream := "/" + arguments[2] + "/"
	switch arguments[0] {
	case "write":
		return write(container, stream)
	case "read":
		return read(container, stream)
	case "operations":
		return operations(container, stream)
	default:
		return fmt.Errorf("%s", usage)
	}
}

func newContainer(name string) (v3io.Container, error) {
	context, err := v3iohttp.NewContext(stderrLogger{}, &v3iohttp.NewContextInput{})
	if err != nil {
		return nil, err
	}
	session, err := context.NewSession(&v3io.NewSessionInput{
		URL:       os.Getenv("V3IO_API"),
		AccessKey: os.Getenv("V3IO_ACCESS_KEY"),
	})
	if err != nil {
		return nil, err
	}
	return session.NewContainer(&v3io.NewContainerInput{ContainerName: name})
}
