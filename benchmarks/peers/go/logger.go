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

	"github.com/nuclio/logger"
)

// quietLogger says what goes wrong, and nothing else.
type quietLogger struct{}

func complain(format interface{}, vars []interface{}) { fmt.Fprintln(os.Stderr, format, vars) }

func (quietLogger) Error(format interface{}, vars ...interface{})     { complain(format, vars) }
func (quietLogger) Warn(format interface{}, vars ...interface{})      { complain(format, vars) }
func (quietLogger) Info(interface{}, ...interface{})                  {}
func (quietLogger) Debug(interface{}, ...interface{})                 {}
func (quietLogger) ErrorWith(format interface{}, vars ...interface{}) { complain(format, vars) }
func (quietLogger) WarnWith(format interface{}, vars ...interface{})  { complain(format, vars) }
func (quietLogger) InfoWith(interface{}, ...interface{})              {}
func (quietLogger) DebugWith(interface{}, ...interface{})             {}

func (quietLogger) ErrorCtx(_ context.Context, format interface{}, vars ...interface{}) {
	complain(format, vars)
}
func (quietLogger) WarnCtx(_ context.Context, format interface{}, vars ...interface{}) {
	complain(format, vars)
}
func (quietLogger) InfoCtx(context.Context, interface{}, ...interface{})  {}
func (quietLogger) DebugCtx(context.Context, interface{}, ...interface{}) {}

func (quietLogger) ErrorWithCtx(_ context.Context, format interface{}, vars ...interface{}) {
	complain(format, vars)
}
func (quietLogger) WarnWithCtx(_ context.Context, format interface{}, vars ...interface{}) {
	complain(format, vars)
}
func (quietLogger) InfoWithCtx(context.Context, interface{}, ...interface{})  {}
func (quietLogger) DebugWithCtx(context.Context, interface{}, ...interface{}) {}

func (quietLogger) Flush() {}

func (l quietLogger) GetChild(string) logger.Logger { return l }
