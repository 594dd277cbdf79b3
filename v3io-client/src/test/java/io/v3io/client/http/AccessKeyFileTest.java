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

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

class AccessKeyFileTest {

    @TempDir Path directory;

    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(1);

    @AfterEach
    void stop() {
        timer.shutdownNow();
    }

    @Test
    void readsTheKeyWithoutSurroundingWhiteSpace() throws IOException {
        assertThat(value(source(write("  a-key \r\n")).current())).isEqualTo("a-key");
    }

    @Test
    void seesAChangeWithoutBeingAsked() throws IOException {
        AccessKeyFile source = source(write("first"));
        source.watch(timer);
        write("second-key");
        await().until(() -> value(source.current()).equals("second-key"));
    }

    @Test
    void leavesTheFileToTheTimersThread() throws Exception {
        AccessKeyFile source = source(write("first"));
        CountDownLatch mayGoOn = new CountDownLatch(1);
        timer.execute(() -> awaitUninterrupted(mayGoOn));
        source.watch(timer);
        write("other");

        CompletableFuture<Secret> look = source.afterRefusal(source.current());

        assertThat(look).isNotDone();
        assertThat(value(source.current())).isEqualTo("first");
        mayGoOn.countDown();
        assertThat(value(look.get(30, TimeUnit.SECONDS))).isEqualTo("other");
        // Whoever was refused with the old key need not look again.
        assertThat(source.afterRefusal(Secret.accessKey("first"))).isDone();
    }

    @Test
    void aTimerThatHasEndedTakesNoLook() throws IOException {
        AccessKeyFile source = source(write("first"));
        source.watch(timer);
        timer.shutdownNow();
        assertThatThrownBy(() -> source.afterRefusal(source.current()))
                .isInstanceOf(RejectedExecutionException.class);
    }

    @Test
    void seesAFileThatWasReplacedByOneOfTheSameSizeAndTime() throws IOException {
        Path file = write("first");
        AccessKeyFile source = source(file);
        Path other = Files.writeString(directory.resolve("other"), "other");
        Files.setLastModifiedTime(other, Files.getLastModifiedTime(file));
        Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
        source.refresh(false);
        assertThat(value(source.current())).isEqualTo("other");
    }

    @Test
    void keepsTheLastKeyWhileTheFileCannotBeUsed() throws IOException {
        Path file = write("first");
        AccessKeyFile source = source(file);
        Files.delete(file);
        source.refresh(false);
        assertThat(value(source.current())).isEqualTo("first");
        assertThat(source.origin()).contains("cannot be read");
        write("");
        source.refresh(false);
        assertThat(value(source.current())).isEqualTo("first");
        assertThat(source.origin()).contains("is empty");
        write("second");
        source.refresh(false);
        assertThat(value(source.current())).isEqualTo("second");
        assertThat(source.origin()).endsWith("in file " + file);
    }

    @Test
    void refusesAtTheStartWhatHoldsNoKey() throws IOException {
        Path missing = directory.resolve("missing");
        refuses(missing, "Access key file " + missing + " cannot be read (NoSuchFileException).");
        refuses(write(" \n"), "is empty.");
        refuses(write("canary-77\nsecond line"), "must hold one line with the key only.");
        refuses(write("x".repeat(65 * 1024)), "has more than 65536 bytes.");
        refuses(directory, "Access key file");
    }

    private void refuses(Path file, String message) {
        assertThatThrownBy(() -> source(file))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(message)
                .hasMessageNotContaining("canary-77");
    }

    private static AccessKeyFile source(Path file) {
        return new AccessKeyFile(file, "setAccessKeyFile");
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Path write(String text) throws IOException {
        return Files.writeString(directory.resolve("key"), text);
    }

    private static String value(Secret secret) {
        return secret.header().getValue();
    }
}
