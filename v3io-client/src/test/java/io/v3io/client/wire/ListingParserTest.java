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

package io.v3io.client.wire;

import io.v3io.client.model.StreamDescription;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.charset.StandardCharsets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ListingParserTest {

    @Test
    void readsObjectsDirectoriesAndTheMarker() throws Exception {
        ListingPage page =
                parse(
                        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult>\n"
                                + "<Name>users</Name><NextMarker>a &amp; b</NextMarker><MaxKeys>2</MaxKeys>"
                                + "<IsTruncated>true</IsTruncated>"
                                + "<Contents><Key>me/s/0</Key><Size>9</Size><LastSequenceId>41</LastSequenceId>"
                                + "<Unknown><Key>no</Key></Unknown></Contents>"
                                + "<Contents><LastSequenceId/><Key>me/s/&lt;\u4e16&gt;.json</Key></Contents>"
                                + "<CommonPrefixes><Prefix>me/s/words/</Prefix><ShardCount>8</ShardCount>"
                                + "<RetentionPeriodHours>24</RetentionPeriodHours></CommonPrefixes>"
                                + "<CommonPrefixes><Prefix>me/s/plain</Prefix></CommonPrefixes>"
                                + "</ListBucketResult>");

        assertThat(page.nextMarker()).isEqualTo("a & b");
        assertThat(page.objects())
                .containsExactly(
                        new ListingPage.ListedObject("me/s/0", 41),
                        new ListingPage.ListedObject("me/s/<\u4e16>.json", 0));
        assertThat(page.directories())
                .containsExactly(
                        new ListingPage.ListedDirectory("me/s/words", new StreamDescription(8, 24)),
                        new ListingPage.ListedDirectory("me/s/plain", null));
    }

    @Test
    void ignoresTheMarkerOfTheLastPage() throws Exception {
        assertThat(
                        parse(
                                        "<ListBucketResult><NextMarker>x</NextMarker>"
                                                + "<IsTruncated>false</IsTruncated></ListBucketResult>")
                                .nextMarker())
                .isNull();
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "<html><body>hello</body></html> | not a ListBucketResult",
                "{\"a\": 1} | not valid XML",
                "<ListBucketResult><Contents> | not valid XML",
                "<ListBucketResult><Contents/></ListBucketResult> | Contents without a Key",
                "<ListBucketResult><CommonPrefixes/></ListBucketResult> | without a Prefix",
                "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult> | lacks a NextMarker",
                "<ListBucketResult><Contents><Key>k</Key><LastSequenceId>x</LastSequenceId></Contents>"
                        + "</ListBucketResult> | not an integer",
                "<ListBucketResult><Contents><Key>k</Key><LastSequenceId>-1</LastSequenceId></Contents>"
                        + "</ListBucketResult> | outside of its range",
                "<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><ListBucketResult><Contents>"
                        + "<Key>&e;</Key></Contents></ListBucketResult> | document type",
                "<ListBucketResult/><ListBucketResult/> | not valid XML"
            })
    void refusesWhatIsNoListing(String body, String complaint) {
        assertThatThrownBy(() -> parse(body))
                .isInstanceOf(MalformedAnswerException.class)
                .hasMessageContaining(complaint);
    }

    @Test
    void refusesNothingAtAll() {
        assertThatThrownBy(() -> parse("")).isInstanceOf(MalformedAnswerException.class);
    }

    private static ListingPage parse(String xml) throws MalformedAnswerException {
        byte[] bytes = xml.getBytes(StandardCharsets.UTF_8);
        return ListingParser.parse(bytes, bytes.length);
    }
}
