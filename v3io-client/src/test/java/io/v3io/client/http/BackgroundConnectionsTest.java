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

import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManager;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.client5.http.nio.AsyncConnectionEndpoint;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.apache.hc.core5.reactor.IOReactorShutdownException;
import org.apache.hc.core5.util.Timeout;
import org.junit.jupiter.api.Test;

import java.util.concurrent.Future;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

class BackgroundConnectionsTest {

    @Test
    void aConnectionThatIsBegunWhileTheClientClosesFailsAndItsThreadDoesNot() throws Exception {
        IOReactorShutdownException closing = new IOReactorShutdownException("shut down");
        try (PoolingAsyncClientConnectionManager pool =
                PoolingAsyncClientConnectionManagerBuilder.create().build()) {
            BackgroundConnections connections =
                    new BackgroundConnections(pool, Runnable::run, context -> {});
            HttpRoute route = new HttpRoute(new HttpHost("http", "127.0.0.1", 1));
            AsyncConnectionEndpoint endpoint =
                    connections.lease("request", route, null, Timeout.ofSeconds(1), null).get();

            Future<AsyncConnectionEndpoint> connected =
                    connections.connect(
                            endpoint,
                            (target, remote, local, timeout, attachment, callback) -> {
                                throw closing;
                            },
                            Timeout.ofSeconds(1),
                            null,
                            HttpCoreContext.create(),
                            null);

            assertThatThrownBy(connected::get).hasCause(closing);
        }
    }
}
