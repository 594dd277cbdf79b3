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

package io.v3io.flink.examples;

import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioException;
import io.v3io.client.model.StreamDescription;
import io.v3io.client.model.StreamPath;

import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.client.JobCancellationException;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.apache.flink.util.ExceptionUtils;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/**
 * Counts words with Flink: writes fables word by word to a V3IO stream that grows meanwhile, reads
 * them back, counts, and writes the counts to another stream.
 */
@Command(
        name = "WordCount",
        sortOptions = false,
        usageHelpAutoWidth = true,
        description = {
            "Counts the words of a V3IO stream with Flink, one word a record.",
            "",
            "If the stream does not exist, it is created with 8 shards, and 23 fables are written"
                    + " to it word by word; half-way it grows to 12 shards. The counts go to a"
                    + " second stream, and the most frequent words are printed."
        })
public final class WordCount implements Callable<Integer> {

    private static final int SHARDS = 8;
    private static final int SHARDS_AFTER_GROWTH = 12;
    private static final int RETENTION_HOURS = 24;
    private static final int SHOWN = 20;

    private final PrintStream out;
    private final Consumer<JobClient> onFollowing;

    @Spec private CommandSpec command;
    @Mixin private Platform platform;

    @Option(
            names = "--stream",
            paramLabel = "<container/path>",
            defaultValue = "users/examples/words",
            description = "The stream with the words. Default: ${DEFAULT-VALUE}.")
    private StreamPath words;

    @Option(
            names = "--counts-stream",
            paramLabel = "<container/path>",
            defaultValue = "users/examples/word-counts",
            description = "The stream for the counts. Default: ${DEFAULT-VALUE}.")
    private StreamPath counts;

    @Option(
            names = "--follow",
            description =
                    "Go on counting as words are added, and print the state, until the job is"
                            + " cancelled.")
    private boolean follow;

    private Duration progressInterval;

    @Option(
            names = "--progress-interval",
            paramLabel = "<duration>",
            defaultValue = "PT5S",
            description =
                    "How often to print how far a job is, PT0.1S to PT1H. Default: ${DEFAULT-VALUE}.")
    void setProgressInterval(Duration interval) {
        if (interval.compareTo(Duration.ofMillis(100)) < 0
                || interval.compareTo(Duration.ofHours(1)) > 0) {
            throw new CommandLine.ParameterException(
                    command.commandLine(),
                    "--progress-interval must be PT0.1S to PT1H, not " + interval + ".");
        }
        this.progressInterval = interval;
    }

    /** The command as a user starts it. */
    public static void main(String[] args) {
        int exitCode = run(args, System.out, System.err, job -> {});
        // After success the JVM goes on: in application mode it belongs to the cluster.
        if (exitCode != 0) {
            System.exit(exitCode);
        }
    }

    /** Runs the command; the last argument hears of the job of {@code --follow}. */
    static int run(
            String[] args, PrintStream out, PrintStream err, Consumer<JobClient> onFollowing) {
        return ExampleRunner.run(new WordCount(out, onFollowing), out, err, args);
    }

    private WordCount(PrintStream out, Consumer<JobClient> onFollowing) {
        this.out = out;
        this.onFollowing = onFollowing;
    }

    @Override
    public Integer call() throws Exception {
        try (Platform opened = platform) {
            opened.open(out);
            WordCountJobs jobs = new WordCountJobs(opened);
            try (V3ioClient client = opened.configure(V3ioClient.builder()).build()) {
                if (create(client, words)) {
                    writeFables(client, jobs);
                }
                create(client, counts);
            }
            RunId run = RunId.random();
            if (follow) {
                follow(jobs, run);
            } else {
                count(jobs, run);
                printCounts(jobs, run);
            }
        }
        return 0;
    }

    /** Creates a stream if there is none; returns whether it did. */
    private boolean create(V3ioClient client, StreamPath stream) {
        try {
            client.createStream(stream, SHARDS, RETENTION_HOURS).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof V3ioException failure
                    && failure.kind() == V3ioException.Kind.ALREADY_EXISTS) {
                StreamDescription found = client.describeStream(stream).join();
                out.printf("Found stream %s with %d shards%n", stream, found.shardCount());
                return false;
            }
            throw e;
        }
        out.printf("Created stream %s with %d shards%n", stream, SHARDS);
        return true;
    }

    private void writeFables(V3ioClient client, WordCountJobs jobs) throws Exception {
        List<String> fables = Fables.all();
        int half = fables.size() / 2;
        writeFables(jobs, fables, 1, half);
        client.updateStream(words, SHARDS_AFTER_GROWTH).join();
        out.printf("Grew stream %s to %d shards%n", words, SHARDS_AFTER_GROWTH);
        writeFables(jobs, fables, half + 1, fables.size());
    }

    private void writeFables(WordCountJobs jobs, List<String> fables, int first, int last)
            throws Exception {
        List<Tuple2<String, String>> keyedWords = new ArrayList<>();
        for (int number = first; number <= last; number++) {
            for (String word : Fables.words(fables.get(number - 1))) {
                keyedWords.add(Tuple2.of(Fables.partitionKey(number), word));
            }
        }
        StreamExecutionEnvironment env = WordCountJobs.environment(RuntimeExecutionMode.BATCH);
        jobs.write(env, keyedWords, words);
        long written = await(env, "WordCount: write words");
        out.printf(
                "Wrote %d words of fables %d to %d with partition keys %s to %s%n",
                written, first, last, Fables.partitionKey(first), Fables.partitionKey(last));
    }

    private void count(WordCountJobs jobs, RunId run) throws Exception {
        StreamExecutionEnvironment env = WordCountJobs.environment(RuntimeExecutionMode.BATCH);
        jobs.count(env, words, counts, run);
        long read = await(env, "WordCount: count words");
        out.printf("Read %d words from %s and wrote their counts to %s%n", read, words, counts);
    }

    private void printCounts(WordCountJobs jobs, RunId run) throws Exception {
        StreamExecutionEnvironment env = WordCountJobs.environment(RuntimeExecutionMode.BATCH);
        // The sink may write a count more than once, but never a different one: the map keeps one.
        Map<String, Long> read = new HashMap<>();
        try (CloseableIterator<Tuple2<String, Long>> iterator =
                jobs.readCounts(env, counts, run)
                        .executeAndCollect("WordCount: read counts back")) {
            iterator.forEachRemaining(count -> read.put(count.f0, count.f1));
        }
        out.printf("Read %d counts back from %s%n", read.size(), counts);
        new WordTable(read).print(out, SHOWN);
    }

    private void follow(WordCountJobs jobs, RunId run) throws Exception {
        StreamExecutionEnvironment env = WordCountJobs.environment(RuntimeExecutionMode.STREAMING);
        DataStream<String> progress = jobs.follow(env, words, counts, run, progressInterval);
        try (CloseableIterator<String> lines = progress.collectAsync()) {
            JobClient job = env.executeAsync("WordCount: follow words");
            out.printf("Following %s until job %s is cancelled%n", words, job.getJobID());
            onFollowing.accept(job);
            try {
                lines.forEachRemaining(out::println);
            } catch (RuntimeException e) {
                // The iterator only knows that there is no more to fetch; the job knows why.
                failUnlessCancelled(job, e);
            }
        }
        out.println("The job was cancelled");
    }

    private static void failUnlessCancelled(JobClient job, RuntimeException failure)
            throws ExecutionException, InterruptedException {
        try {
            job.getJobExecutionResult().get();
        } catch (ExecutionException e) {
            if (ExceptionUtils.findThrowable(e, JobCancellationException.class).isPresent()) {
                return;
            }
            e.addSuppressed(failure);
            throw e;
        }
        throw failure;
    }

    private long await(StreamExecutionEnvironment env, String name) throws Exception {
        return JobProgress.await(env.executeAsync(name), progressInterval, out);
    }
}
