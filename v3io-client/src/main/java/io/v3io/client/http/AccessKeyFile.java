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

import io.v3io.client.AccessKeyText;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import javax.annotation.Nullable;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * An access key in a file that may be replaced at any time. The file's attributes are looked at
 * once per second, and its content is read when they changed.
 *
 * <p>After the first reading, the file is only touched by the thread that it is watched on, which
 * is the one of the client's deadlines. So neither a caller nor an I/O thread waits for a disk, but
 * a file system that hangs holds up deadlines and repetitions: keep the file on a local one.
 *
 * <p>The first reading must succeed. When a later one fails, the last key remains in use, since
 * whoever rotates keys may be in the middle of writing; should the server refuse that key, {@link
 * #origin()} tells what is wrong with the file.
 */
final class AccessKeyFile implements Authentication {

    private static final Logger LOG = LoggerFactory.getLogger(AccessKeyFile.class);

    private static final long CHECK_INTERVAL_SECONDS = 1;
    private static final long MAX_FILE_BYTES = 64 * 1024;

    private final Path file;

    private volatile Secret secret;
    private volatile String trouble = "";
    @Nullable private volatile ScheduledExecutorService timer;

    // Guarded by this.
    @Nullable private Stamp stamp;

    /** What changes when a file is written or replaced. */
    private record Stamp(FileTime modified, long size, @Nullable Object fileKey) {}

    /** An unreadable key; the message is a sentence. */
    private static final class KeyFileException extends Exception {

        private static final long serialVersionUID = 1L;

        KeyFileException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * Reads the file for the first time.
     *
     * @param setting what the setting is called that names the file
     * @throws IllegalStateException if there is no key in it
     */
    AccessKeyFile(Path file, String setting) {
        this.file = file;
        try {
            this.stamp = readStamp();
            this.secret = readSecret();
        } catch (KeyFileException e) {
            // Not its cause, which tells less: many tools show the last exception of a chain only.
            throw new IllegalStateException(
                    e.getMessage() + " Each machine of a job needs it: check " + setting + ".");
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // ends with the timer
    @Override
    public void watch(ScheduledExecutorService timer) {
        this.timer = timer;
        timer.scheduleWithFixedDelay(
                () -> refresh(false),
                CHECK_INTERVAL_SECONDS,
                CHECK_INTERVAL_SECONDS,
                TimeUnit.SECONDS);
    }

    @Override
    public Secret current() {
        return secret;
    }

    @Override
    public CompletableFuture<Secret> afterRefusal(Secret refused) {
        if (!secret.isSame(refused)) {
            return CompletableFuture.completedFuture(secret);
        }
        return CompletableFuture.supplyAsync(
                () -> {
                    // The first of many refusals has looked for all of them; and a file may be
                    // replaced without a change of size or of a coarse modification time.
                    if (secret.isSame(refused)) {
                        refresh(true);
                    }
                    return secret;
                },
                Objects.requireNonNull(timer, "watch comes first"));
    }

    @Override
    public String origin() {
        return "the access key in file " + file + trouble;
    }

    /** Called by the timer's thread, and by tests. */
    synchronized void refresh(boolean evenIfUnchanged) {
        try {
            Stamp now = readStamp();
            if (evenIfUnchanged || !now.equals(stamp)) {
                Secret read = readSecret();
                if (!read.isSame(secret)) {
                    LOG.info("The access key in file {} has changed; using the new one.", file);
                }
                secret = read;
                stamp = now;
            }
            trouble = "";
        } catch (KeyFileException e) {
            stamp = null;
            String news = " (the last one read; now: " + e.getMessage() + ")";
            if (!news.equals(trouble)) {
                LOG.warn("{} The last access key remains in use.", e.getMessage());
            }
            trouble = news;
        }
    }

    private Stamp readStamp() throws KeyFileException {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new Stamp(
                    attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
        } catch (IOException | SecurityException e) {
            throw unreadable(e);
        }
    }

    private Secret readSecret() throws KeyFileException {
        String key;
        try {
            if (Files.size(file) > MAX_FILE_BYTES) {
                throw new KeyFileException(
                        "Access key file " + file + " has more than " + MAX_FILE_BYTES + " bytes.",
                        null);
            }
            key = new String(Files.readAllBytes(file), StandardCharsets.UTF_8).trim();
        } catch (IOException | SecurityException e) {
            throw unreadable(e);
        }
        if (key.isEmpty()) {
            throw new KeyFileException("Access key file " + file + " is empty.", null);
        }
        if (key.chars().anyMatch(Character::isISOControl)) {
            throw new KeyFileException(
                    "Access key file " + file + " must hold one line with the key only.", null);
        }
        String complaint = AccessKeyText.refuse(key);
        if (complaint != null) {
            throw new KeyFileException("The key in file " + file + " " + complaint, null);
        }
        return Secret.accessKey(key);
    }

    private KeyFileException unreadable(Exception cause) {
        return new KeyFileException(
                "Access key file "
                        + file
                        + " cannot be read ("
                        + cause.getClass().getSimpleName()
                        + ").",
                Objects.requireNonNull(cause));
    }
}
