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

package io.v3io.flink.e2e.interop;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;

/** v3io-py and v3io-go find every operation on streams as they know it. */
@Timeout(240)
class OperationsITCase {

    @RegisterExtension static final InteropWorld WORLD = new InteropWorld("operations");

    @ParameterizedTest
    @ValueSource(strings = {"httpclient", "requests", "batch", "asyncio"})
    void everyOperationOfThePythonClientWorks(String how) throws Exception {
        String output =
                WORLD.pythonOutput("operations.py", how, InteropWorld.stream(how), List.of());

        assertThat(checks(output)).isGreaterThan(30);
    }

    @Test
    void everyOperationOfTheGoClientWorks() throws Exception {
        String output = WORLD.goOutput("operations", InteropWorld.stream("go"), List.of());

        assertThat(checks(output)).isGreaterThan(20);
    }

    /** A check that does not hold ends the program; this tells that they were made. */
    private static int checks(String output) throws Exception {
        String last = output.substring(output.stripTrailing().lastIndexOf('\n') + 1);
        return new ObjectMapper().readTree(last).get("checks").intValue();
    }
}
