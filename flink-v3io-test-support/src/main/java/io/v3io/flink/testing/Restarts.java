/*
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */

package io.v3io.flink.testing;

import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;

import java.time.Duration;

/** How often the job of a test is started again after a failure. */
public final class Restarts {

    private static final Duration DELAY = Duration.ofMillis(1);

    private Restarts() {}

    /** A configuration with which the first failure is the job's end. */
    public static Configuration none() {
        return new Configuration().set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    }

    /** A configuration with which so many failures are followed by a start, at once. */
    public static Configuration upTo(int restarts) {
        return new Configuration()
                .set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay")
                .set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, restarts)
                .set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, DELAY);
    }
}
