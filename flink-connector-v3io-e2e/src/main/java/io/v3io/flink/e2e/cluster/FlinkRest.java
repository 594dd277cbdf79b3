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

package io.v3io.flink.e2e.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A cluster's REST API, as far as the tests need it. Every call has a time limit, so that a
 * JobManager that hangs is noticed. It can be used by several threads.
 */
public final class FlinkRest {

    // A JobManager plans a job in the call that submits it, the first one in SQL on cold code.
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    // A JobManager that loses its leadership while it looks for the answer never gives one.
    private static final Duration READY_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Set<String> FINAL_STATES = Set.of("FINISHED", "FAILED", "CANCELED");

    /** In the failure of a savepoint that came before all tasks of a job ran. */
    private static final String TOO_EARLY = "Not all required tasks are currently running";

    private static final ObjectMapper JSON = new ObjectMapper();

    /** One for the JVM, because it has threads. */
    private static final HttpClient HTTP =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(TIMEOUT)
                    .build();

    private final String address;

    FlinkRest(String address) {
        this.address = address;
    }

    /** For example {@code http://127.0.0.1:8081}. */
    public String address() {
        return address;
    }

    /** Whether the JobManager answers. */
    public boolean isReady() {
        try {
            send(request("/overview").timeout(READY_TIMEOUT).GET());
            return true;
        } catch (RestException e) {
            // It is starting, or gone: what the question is for.
            return false;
        }
    }

    /** The ids of the TaskManagers that have registered. */
    public List<String> taskManagers() {
        List<String> ids = new ArrayList<>();
        get("/taskmanagers").path("taskmanagers").forEach(tm -> ids.add(tm.path("id").asText()));
        return ids;
    }

    /** Uploads a job's jar, and returns the id to {@link #submit} it by. */
    public String upload(Path jar) {
        String boundary = "boundary-of-the-jar";
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(
                ("--"
                                + boundary
                                + "\r\nContent-Disposition: form-data; name=\"jarfile\"; filename=\""
                                + jar.getFileName()
                                + "\"\r\nContent-Type: application/x-java-archive\r\n\r\n")
                        .getBytes(StandardCharsets.UTF_8));
        try {
            body.writeBytes(Files.readAllBytes(jar));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        body.writeBytes(("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.UTF_8));
        JsonNode answer =
                send(
                        request("/jars/upload")
                                .header("Content-Type", "multipart/form-data; boundary=" + boundary)
                                .POST(BodyPublishers.ofByteArray(body.toByteArray())));
        return Path.of(answer.path("filename").asText()).getFileName().toString();
    }

    /** Runs a job of an uploaded jar, and returns the job's id. */
    public String submit(String jarId, JobRun run) {
        ObjectNode body = JSON.createObjectNode();
        body.put("entryClass", run.mainClass());
        ArrayNode arguments = body.putArray("programArgsList");
        run.arguments().forEach(arguments::add);
        if (run.parallelism() > 0) {
            body.put("parallelism", run.parallelism());
        }
        if (run.savepoint() != null) {
            body.put("savepointPath", run.savepoint());
        }
        return post("/jars/" + encode(jarId) + "/run", body).path("jobid").asText();
    }

    /** The ids of all jobs that the JobManager knows, also of those that have ended. */
    public List<String> jobs() {
        List<String> ids = new ArrayList<>();
        get("/jobs").path("jobs").forEach(job -> ids.add(job.path("id").asText()));
        return ids;
    }

    /** For example {@code RUNNING}. */
    public String jobState(String job) {
        return get("/jobs/" + job).path("state").asText();
    }

    /** Waits for a state, and fails at once when the job ends in another one. */
    public void awaitState(String job, String state, Duration atMost) {
        await("job " + job + " is " + state, atMost)
                .failFast(
                        "the job has ended",
                        () -> {
                            Optional<String> now = tryState(job);
                            if (now.isPresent()
                                    && FINAL_STATES.contains(now.get())
                                    && !now.get().equals(state)) {
                                throw new IllegalStateException(
                                        "Job "
                                                + job
                                                + " is "
                                                + now.get()
                                                + ": "
                                                + rootException(job));
                            }
                        })
                .until(() -> tryState(job).equals(Optional.of(state)));
    }

    /** Waits until all tasks of a job run, which is later than that the job does. */
    public void awaitAllTasksRunning(String job, Duration atMost) {
        await("all tasks of job " + job + " run", atMost)
                .until(
                        () -> {
                            int wanted = 0;
                            int running = 0;
                            for (JsonNode vertex : get("/jobs/" + job).path("vertices")) {
                                wanted += vertex.path("parallelism").asInt();
                                running += vertex.path("tasks").path("RUNNING").asInt();
                            }
                            return wanted > 0 && running == wanted;
                        });
    }

    /** Empty while the JobManager does not answer, or does not know the job yet. */
    private Optional<String> tryState(String job) {
        try {
            return Optional.of(jobState(job));
        } catch (RestException e) {
            // What the result says.
            return Optional.empty();
        }
    }

    /** The exception that a job has failed or restarted of last, or none. */
    public String rootException(String job) {
        JsonNode exceptions = get("/jobs/" + job + "/exceptions?maxExceptions=10");
        String root = exceptions.path("root-exception").asText("");
        if (!root.isEmpty()) {
            return root;
        }
        JsonNode entries = exceptions.path("exceptionHistory").path("entries");
        return entries.path(0).path("stacktrace").asText("none");
    }

    /** Cancels a job and waits until it is. */
    public void cancel(String job, Duration atMost) {
        startToCancel(job);
        awaitState(job, "CANCELED", atMost);
    }

    /** Cancels all jobs, again and again, and waits until none runs any more. */
    public void cancelAll(Duration atMost) {
        Awaitility.await("all jobs have ended")
                .atMost(atMost)
                .pollInterval(POLL)
                // A JobManager that was killed or hung may be in the middle of its recovery.
                .ignoreException(RestException.class)
                .until(
                        () -> {
                            boolean ended = true;
                            for (String job : jobs()) {
                                if (!FINAL_STATES.contains(jobState(job))) {
                                    ended = false;
                                    startToCancel(job);
                                }
                            }
                            return ended;
                        });
    }

    /** Asks for a job's cancellation. The job may finish instead, if it is about to. */
    public void startToCancel(String job) {
        send(request("/jobs/" + job + "?mode=cancel").method("PATCH", BodyPublishers.noBody()));
    }

    /**
     * Takes a savepoint as soon as all tasks run, stops the job, waits until it has finished, and
     * returns the savepoint.
     */
    public String stopWithSavepoint(String job, Path directory, boolean drain, Duration atMost) {
        ObjectNode body = JSON.createObjectNode();
        body.put("targetDirectory", directory.toUri().toString());
        body.put("drain", drain);
        String savepoint = savepoint(job, "/jobs/" + job + "/stop", body, atMost);
        awaitState(job, "FINISHED", atMost);
        return savepoint;
    }

    /** Takes a savepoint of a job that goes on, as soon as all tasks run. */
    public String savepoint(String job, Path directory, Duration atMost) {
        ObjectNode body = JSON.createObjectNode();
        body.put("target-directory", directory.toUri().toString());
        return savepoint(job, "/jobs/" + job + "/savepoints", body, atMost);
    }

    private String savepoint(String job, String path, ObjectNode body, Duration atMost) {
        JsonNode operation =
                Awaitility.await("all tasks of job " + job + " run and a savepoint is taken")
                        .atMost(atMost)
                        .pollInterval(POLL)
                        .until(
                                () -> savepointOperation(job, post(path, body), atMost),
                                ended -> !failure(ended).contains(TOO_EARLY));
        if (!failure(operation).isEmpty()) {
            throw new RestException(
                    "The savepoint of job " + job + " failed: " + failure(operation));
        }
        return operation.path("location").asText();
    }

    private JsonNode savepointOperation(String job, JsonNode triggered, Duration atMost) {
        String path = "/jobs/" + job + "/savepoints/" + triggered.path("request-id").asText();
        return await("the savepoint of job " + job, atMost)
                .until(
                        () -> get(path),
                        now -> "COMPLETED".equals(now.path("status").path("id").asText()))
                .path("operation");
    }

    private static String failure(JsonNode operation) {
        return operation.path("failure-cause").path("stack-trace").asText();
    }

    /** How many checkpoints of a job have completed. */
    public int completedCheckpoints(String job) {
        return checkpoints(job).path("counts").path("completed").asInt();
    }

    /** Counts, and details of the latest checkpoints, as Flink's REST API describes them. */
    public JsonNode checkpoints(String job) {
        return get("/jobs/" + job + "/checkpoints");
    }

    /** Where the latest completed checkpoint is, which a new job can start from. */
    public Optional<String> latestCheckpoint(String job) {
        JsonNode latest = checkpoints(job).path("latest").path("completed");
        return latest.hasNonNull("external_path")
                ? Optional.of(latest.path("external_path").asText())
                : Optional.empty();
    }

    /** Waits for so many more completed checkpoints. */
    public void awaitMoreCheckpoints(String job, int more, Duration atMost) {
        int wanted = completedCheckpoints(job) + more;
        await(wanted + " checkpoints of job " + job, atMost)
                .until(() -> completedCheckpoints(job) >= wanted);
    }

    /**
     * A metric of all of a job's tasks whose name ends so, added up; 0 if no task has it. The names
     * are Flink's, for example {@code numRecordsOut}, the values some hundred milliseconds old.
     */
    public double metric(String job, String nameEnd) {
        double sum = 0;
        for (JsonNode vertex : get("/jobs/" + job).path("vertices")) {
            String metrics =
                    "/jobs/" + job + "/vertices/" + vertex.path("id").asText() + "/metrics";
            List<String> names = new ArrayList<>();
            for (JsonNode metric : get(metrics)) {
                String id = metric.path("id").asText();
                if (id.endsWith("." + nameEnd)) {
                    names.add(encode(id));
                }
            }
            if (!names.isEmpty()) {
                for (JsonNode metric : get(metrics + "?get=" + String.join(",", names))) {
                    sum += metric.path("value").asDouble();
                }
            }
        }
        return sum;
    }

    /** Any other page of the API, for example {@code /jobs/overview}. */
    public JsonNode get(String path) {
        return send(request(path).GET());
    }

    private JsonNode post(String path, JsonNode body) {
        return send(
                request(path)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(body.toString())));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(address + path)).timeout(TIMEOUT);
    }

    private static JsonNode send(HttpRequest.Builder builder) {
        HttpRequest request = builder.build();
        try {
            HttpResponse<String> response =
                    HTTP.send(request, BodyHandlers.ofString(StandardCharsets.UTF_8));
            if (response.statusCode() >= 300) {
                throw new RestException(
                        request
                                + " was answered with "
                                + response.statusCode()
                                + ": "
                                + response.body());
            }
            return JSON.readTree(response.body());
        } catch (IOException e) {
            throw new RestException(request + " failed: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RestException(request + " was interrupted.", e);
        }
    }

    private static ConditionFactory await(String what, Duration atMost) {
        // While a JobManager starts, or is gone, it does not answer.
        return Awaitility.await(what)
                .atMost(atMost)
                .pollInterval(POLL)
                .ignoreException(RestException.class);
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /**
     * A job to run.
     *
     * @param mainClass of the uploaded jar
     * @param arguments of its main method
     * @param parallelism of the job; 0: the cluster's default
     * @param savepoint or checkpoint to start from, or null
     */
    public record JobRun(
            String mainClass, List<String> arguments, int parallelism, String savepoint) {

        /** A job that starts from nothing. */
        public static JobRun of(Class<?> mainClass, String... arguments) {
            return new JobRun(mainClass.getName(), List.of(arguments), 0, null);
        }

        public JobRun withParallelism(int number) {
            return new JobRun(mainClass, arguments, number, savepoint);
        }

        public JobRun from(String savepointOrCheckpoint) {
            return new JobRun(mainClass, arguments, parallelism, savepointOrCheckpoint);
        }
    }

    /** An answer that is not a success, or none. */
    public static final class RestException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        RestException(String message) {
            super(message);
        }

        RestException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
