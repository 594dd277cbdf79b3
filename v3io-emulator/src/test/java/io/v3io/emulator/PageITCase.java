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

package io.v3io.emulator;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The page for people, in a real browser. */
class PageITCase {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir Path profile;

    private V3ioEmulator emulator;
    private RawClient client;
    private ChromeDriver browser;

    @BeforeEach
    void start() throws Exception {
        Optional<Path> chromium = firstExisting("/usr/bin/chromium", "/usr/bin/google-chrome");
        Optional<Path> driver =
                firstExisting("/usr/bin/chromedriver", "/usr/local/bin/chromedriver");
        if (chromium.isEmpty() || driver.isEmpty()) {
            String message =
                    "no Chromium with chromedriver here: install Debian's chromium and chromium-driver";
            assertThat(System.getenv("CI")).as(message).isNull();
            Assumptions.abort(message);
        }
        emulator = V3ioEmulator.builder().containersOnDemand(true).start();
        client = new RawClient(emulator.endpoint());
        ChromeOptions options = new ChromeOptions();
        options.setBinary(chromium.get().toFile());
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--window-size=1200,900",
                "--user-data-dir=" + profile);
        ChromeDriverService service =
                new ChromeDriverService.Builder()
                        .usingDriverExecutable(driver.get().toFile())
                        .build();
        browser = new ChromeDriver(service, options);
    }

    private static Optional<Path> firstExisting(String... paths) {
        return List.of(paths).stream().map(Path::of).filter(Files::isExecutable).findFirst();
    }

    @AfterEach
    void stop() {
        if (browser != null) {
            browser.quit();
        }
        if (emulator != null) {
            emulator.close();
        }
    }

    private String text() {
        return browser.findElement(By.tagName("body")).getText();
    }

    private void awaitText(String... parts) {
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(text()).contains(parts));
    }

    @Test
    void showsStreamsShardsRecordsAndCommitsAndKeepsUpWithThem() throws Exception {
        browser.get(emulator.endpoint() + "/");
        assertThat(browser.getCurrentUrl())
                .as("a browser is sent to the page")
                .endsWith("/_emulator/");
        assertThat(browser.getTitle()).isEqualTo("V3IO emulator");
        awaitText("No stream yet.");

        client.createStream("/users/me/words", 8);
        awaitText("1 stream", "users/me/words", "No record yet");

        client.function(
                "PutRecords",
                "/users/me/words/",
                "{\"Records\":[{\"Data\":\""
                        + RawClient.base64("wolf and lamb")
                        + "\",\"PartitionKey\":\"text_0\",\"ShardId\":3},{\"Data\":\"/wD+\",\"ShardId\":3},{\"Data\":\"\",\"ShardId\":5}]}");
        client.function(
                "PutItem",
                "/users/me/words/3",
                "{\"Item\":{\"__my_job_committed_sequence_number\":{\"N\":\"1\"}},\"UpdateMode\":\"CreateOrReplaceAttributes\"}");
        awaitText("wolf and lamb", "text_0", "0xff00fe", "my_job: 1 (1 behind)");
        assertThat(browser.findElements(By.xpath("//table[caption='Shards']/tbody/tr"))).hasSize(2);
        assertThat(browser.findElements(By.xpath("//table[caption='Newest records']/tbody/tr")))
                .hasSize(3);
        saveScreenshot();

        emulator.pause();
        awaitText("The emulator does not answer");
        emulator.resume();
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> !text().contains("does not answer"));
    }

    @Test
    void recordsCannotBringTheirOwnHtml() throws Exception {
        String attack =
                "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>";
        client.createStream("/users/%3Cb%3Es%3C%20b%3E", 1);
        client.function(
                "PutRecords",
                "/users/%3Cb%3Es%3C%20b%3E/",
                "{\"Records\":[{\"Data\":\""
                        + RawClient.base64(attack)
                        + "\",\"PartitionKey\":\"<i>key</i>\"}]}");
        browser.get(emulator.endpoint() + "/_emulator/");
        awaitText(attack, "<i>key</i>", "users/<b>s< b>");
        assertThat(browser.findElements(By.cssSelector("img, i, section b:not(.facts b)")))
                .isEmpty();
        assertThat(browser.getTitle()).isEqualTo("V3IO emulator");
    }

    @Test
    void needsNothingFromElsewhere() throws Exception {
        RawClient.Reply page = client.get("/_emulator/");
        assertThat(page.header("Content-Security-Policy"))
                .contains("default-src 'none'")
                .doesNotContain("unsafe");
        assertThat(page.body())
                .doesNotContain("http://")
                .doesNotContain("https://")
                .doesNotContain("{{");
        browser.get(emulator.endpoint() + "/_emulator/");
        awaitText("No stream yet.");
        Object complaints =
                browser.manage().logs().get("browser").getAll().stream()
                        .map(Object::toString)
                        .filter(line -> !line.contains("favicon"))
                        .toList();
        assertThat(complaints).asString().isEqualTo("[]");
    }

    private void saveScreenshot() throws IOException {
        Path target = Path.of("target", "page.png");
        Files.createDirectories(target.getParent());
        Files.write(target, browser.getScreenshotAs(OutputType.BYTES));
    }
}
