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

import io.v3io.testing.NothingIsLeft;

import org.apache.flink.streaming.api.operators.collect.CollectSinkOperatorCoordinator;

import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.config.Property;

/**
 * Has the look for open sockets leave out those through which Flink collects a job's results. At
 * the end of a job the coordinator of such a sink closes its connection, while a request of its own
 * thread may just be making one (see {@code close} and {@code handleRequestImpl}): nobody closes
 * that. It happens to jobs without any of our code, seen once in 400.
 *
 * <p>The ports are told by Flink's log only.
 */
final class CollectPorts extends AbstractAppender {

    private static final String SOURCE = CollectSinkOperatorCoordinator.class.getName();
    private static final String TOLD = "Received sink socket server address: ";

    private CollectPorts() {
        super("collect-ports", null, null, true, Property.EMPTY_ARRAY);
    }

    /** From now on; may be called again, for tests that set up the log anew. */
    static void leaveOut() {
        LoggerContext context = LoggerContext.getContext(false);
        Configuration configuration = context.getConfiguration();
        if (configuration.getLoggers().containsKey(SOURCE)) {
            return;
        }
        CollectPorts ports = new CollectPorts();
        ports.start();
        LoggerConfig logger = new LoggerConfig(SOURCE, Level.INFO, false);
        logger.addAppender(ports, Level.INFO, null);
        configuration.addLogger(SOURCE, logger);
        context.updateLoggers();
    }

    @Override
    public void append(LogEvent event) {
        String message = event.getMessage().getFormattedMessage();
        if (message.startsWith(TOLD)) {
            NothingIsLeft.leaveOut(
                    Integer.parseInt(message.substring(message.lastIndexOf(':') + 1)));
        }
    }
}
