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

package io.v3io.client.http;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;

/**
 * Classes that a client may need for the first time when it is closed. Flink's JobManager closes an
 * enumerator on a thread that it does not wait for, and may have closed the job's class loader by
 * then, which only knows what it has loaded already: a class that is missing halfway through would
 * leave threads and connections running, and with them the class loader. So they are loaded before
 * the first thread starts.
 */
final class ClosingClasses {

    private static final Logger LOG = LoggerFactory.getLogger(ClosingClasses.class);

    /** Names, because most of those of the HTTP library are not public. */
    private static final List<String> NAMES =
            List.of(
                    "io.v3io.client.ErrorName",
                    "io.v3io.client.V3ioException$Builder",
                    "io.v3io.client.V3ioException$Kind",
                    "io.v3io.client.http.AnswerFaultException",
                    "io.v3io.client.http.Exchange$State",
                    "io.v3io.client.http.ProxyRefusalException",
                    "io.v3io.client.http.TransportFailure",
                    "io.v3io.client.http.TransportFailure$1",
                    "io.v3io.client.wire.ApiRequest$1",
                    "io.v3io.client.wire.OneLine",
                    "org.apache.hc.client5.http.impl.async.InternalHttpAsyncExecRuntime$5",
                    "org.apache.hc.core5.concurrent.ComplexCancellable",
                    "org.apache.hc.core5.http.MalformedChunkCodingException",
                    "org.apache.hc.core5.http.MessageConstraintException",
                    "org.apache.hc.core5.http.RequestNotExecutedException",
                    "org.apache.hc.core5.http.TruncatedChunkException",
                    "org.apache.hc.core5.http.impl.nio.AbstractHttp1StreamDuplexer$1",
                    "org.apache.hc.core5.http.nio.command.CommandSupport",
                    "org.apache.hc.core5.io.CloseMode",
                    "org.apache.hc.core5.io.Closer",
                    "org.apache.hc.core5.util.TimeValue$1");

    static {
        for (String name : NAMES) {
            try {
                Class.forName(name);
            } catch (ClassNotFoundException | LinkageError e) {
                // This version of the HTTP library does without it, and will not ask for it.
                LOG.debug("{} cannot be loaded ahead.", name, e);
            }
        }
    }

    private ClosingClasses() {}

    /** Loads them, once for each class loader. */
    static void load() {}
}
