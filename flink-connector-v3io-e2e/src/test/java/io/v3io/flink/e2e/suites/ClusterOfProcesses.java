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

package io.v3io.flink.e2e.suites;

import io.v3io.flink.e2e.cluster.FlinkCluster;

import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.testframe.environment.ClusterControllable;
import org.apache.flink.connector.testframe.environment.TestEnvironment;
import org.apache.flink.connector.testframe.environment.TestEnvironmentSettings;
import org.apache.flink.connector.testframe.source.FromElementsSource;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.streaming.api.environment.RemoteStreamEnvironment;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

import com.fasterxml.jackson.databind.JsonNode;

import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import static org.awaitility.Awaitility.await;

/**
 * The cluster that Flink's tests of connectors run on: a JobManager and two TaskManagers, each a
 * process of its own. Jobs are submitted over REST, with the jars that their classes are in.
 */
final class ClusterOfProcesses implements TestEnvironment, ClusterControllable {

    private static final Duration SOON = Duration.ofSeconds(60);

    private final Path directory;
    private final Configuration jobs;
    private FlinkCluster cluster;

    /** A cluster to be, see {@link #startUp}. */
    ClusterOfProcesses(String name) {
        this(name, new Configuration());
    }

    /** One whose jobs are submitted with this configuration. */
    ClusterOfProcesses(String name, Configuration jobs) {
        this.directory = Path.of("target", "clusters", name);
        this.jobs = jobs;
    }

    /** The connector as a user's jar has it, and what the tests themselves use in their jobs. */
    static List<URL> jars() {
        try {
            return List.of(
                    Path.of(System.getProperty("v3io.e2e.jobs.jar")).toUri().toURL(),
                    FromElementsSource.class.getProtectionDomain().getCodeSource().getLocation());
        } catch (MalformedURLException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void startUp() {
        if (cluster == null) {
            cluster =
                    FlinkCluster.builder(directory)
                            .setTaskManagers(2)
                            .setSlots(3)
                            .setHighAvailability(true)
                            .start();
        }
    }

    @Override
    public void tearDown() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Override
    public StreamExecutionEnvironment createExecutionEnvironment(TestEnvironmentSettings settings) {
        String savepoint = settings.getSavepointRestorePath();
        Endpoint rest = getRestEndpoint();
        return new RemoteStreamEnvironment(
                rest.getAddress(),
                rest.getPort(),
                jobs,
                settings.getConnectorJarPaths().stream().map(URL::getPath).toArray(String[]::new),
                null,
                savepoint == null
                        ? SavepointRestoreSettings.none()
                        : SavepointRestoreSettings.forPath(savepoint));
    }

    @Override
    public Endpoint getRestEndpoint() {
        URI rest = URI.create(cluster.rest().address());
        return new Endpoint(rest.getHost(), rest.getPort());
    }

    @Override
    public String getCheckpointUri() {
        return cluster.savepoints().toUri().toString();
    }

    @Override
    public void triggerJobManagerFailover(JobClient job, Runnable afterFailAction) {
        cluster.jobManager().kill();
        afterFailAction.run();
        cluster.restartJobManager();
    }

    @Override
    public void triggerTaskManagerFailover(JobClient job, Runnable afterFailAction) {
        cluster.taskManagers().forEach(FlinkCluster.TaskManager::kill);
        await("no task runs").atMost(SOON).until(() -> runningTasks(job) == 0);
        afterFailAction.run();
        cluster.taskManagers().forEach(FlinkCluster.TaskManager::restart);
    }

    /** A job without task managers still calls itself running. */
    private int runningTasks(JobClient job) {
        int running = 0;
        for (JsonNode vertex : cluster.rest().get("/jobs/" + job.getJobID()).path("vertices")) {
            running += vertex.path("tasks").path("RUNNING").asInt();
        }
        return running;
    }

    /** No test of Flink's suites asks for it; {@code FaultsITCase} cuts networks. */
    @Override
    public void isolateNetwork(JobClient job, Runnable afterFailAction) {
        throw new UnsupportedOperationException("The network is not isolated here.");
    }

    @Override
    public String toString() {
        return "cluster of processes";
    }
}
