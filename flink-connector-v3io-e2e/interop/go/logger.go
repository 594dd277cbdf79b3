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
	"context"
	"fmt"
	"os"
	"time"

	"github.com/nuclio/logger"
)

// stderrLogger is the log of v3io-go without its debug lines.
type stderrLogger struct{}

func log(level string, format interface{}, vars []interface{}) {
	fmt.Fprintln(os.Stderr, time.Now().Format("15:04:05.000"), level, format, vars)
}

func (stderrLogger) Error(format interface{}, vars ...interface{}) { log("ERROR", format, vars) }
func (stderrLogger) Warn(format interface{}, vars ...interface{})  { log("WARN", format, vars) }
func (stderrLogger) Info(format interface{}, vars ...interface{})  { log("INFO", format, vars) }
func (stderrLogger) Debug(interface{}, ...interface{})             {}

func (stderrLogger) ErrorCtx(_ context.Context, format interface{}, vars ...interface{}) {
	log("ERROR", format, vars)
}
func (stderrLogger) WarnCtx(_ context.Context, format interface{}, vars ...interface{}) {
	log("WARN", format, vars)
}
func (stderrLogger) InfoCtx(_ context.Context, format interface{}, vars ...interface{}) {
	log("INFO", format, vars)
}
func (stderrLogger) DebugCtx(context.Context, interface{}, ...interface{}) {}

func (stderrLogger) ErrorWith(format interface{}, vars ...interface{}) { log("ERROR", format, vars) }
func (stderrLogger) WarnWith(format interface{}, vars ...interface{})  { log("WARN", format, vars) }
func (stderrLogger) InfoWith(format interface{}, vars ...interface{})  { log("INFO", format, vars) }
func (stderrLogger) DebugWith(interface{}, ...interface{})             {}

func (stderrLogger) ErrorWithCtx(_ context.Context, format interface{}, vars ...interface{}) {
	log("ERROR", format, vars)
}
func (stderrLogger) WarnWithCtx(_ context.Context, format interface{}, vars ...interface{}) {
	log("WARN", format, vars)
}
func (stderrLogger) InfoWithCtx(_ context.Context, format interface{}, vars ...interface{}) {
	log("INFO", format, vars)
}
func (stderrLogger) DebugWithCtx(context.Context, interface{}, ...interface{}) {}

func (stderrLogger) Flush() {}

func (l stderrLogger) GetChild(string) logger.Logger { return l }
