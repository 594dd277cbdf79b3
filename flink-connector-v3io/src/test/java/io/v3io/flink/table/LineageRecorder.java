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

package io.v3io.flink.table;

import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobStatusChangedEvent;
import org.apache.flink.core.execution.JobStatusChangedListener;
import org.apache.flink.core.execution.JobStatusChangedListenerFactory;
import org.apache.flink.streaming.api.lineage.LineageDataset;
import org.apache.flink.streaming.api.lineage.LineageVertex;
import org.apache.flink.streaming.runtime.execution.JobCreatedEvent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Writes the lineage of jobs to a file, as Flink's listeners see it. */
public final class LineageRecorder implements JobStatusChangedListenerFactory {

    /** Name of the configuration option with the file. */
    static final String FILE = "test.lineage-file";

    @Override
    public JobStatusChangedListener createListener(Context context) {
        Configuration configuration = context.getConfiguration();
        Path file = Path.of(configuration.getString(FILE, ""));
        return event -> record(event, file);
    }

    private static void record(JobStatusChangedEvent event, Path file) {
        if (!(event instanceof JobCreatedEvent created)) {
            return;
        }
        List<LineageVertex> vertices = new ArrayList<>(created.lineageGraph().sources());
        vertices.addAll(created.lineageGraph().sinks());
        StringBuilder text = new StringBuilder();
        for (LineageVertex vertex : vertices) {
            for (LineageDataset dataset : vertex.datasets()) {
                text.append(dataset.namespace())
                        .append(' ')
                        .append(dataset.name())
                        .append(' ')
                        .append(dataset.facets())
                        .append('\n');
            }
        }
        try {
            Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
