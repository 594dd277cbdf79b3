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

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.OptionalLong;
import java.util.Random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class SmallPartsTest {

    @Test
    void base64IsThatOfTheJdkForEveryLengthAndNothingAroundItIsTouched() {
        Random random = new Random(7);
        Base64Writer writer = new Base64Writer();
        for (int round = 0; round < 3_000; round++) {
            // Every short one, and others of one, two and three parts.
            byte[] source = new byte[round < 300 ? round : random.nextInt(3 * 6 * 1024 + 5)];
            random.nextBytes(source);
            byte[] expected = Base64.getEncoder().encode(source);
            byte[] target = new byte[expected.length + 5];

            int end = writer.write(source, target, 3);

            assertThat(end).as("%d bytes", source.length).isEqualTo(3 + expected.length);
            byte[] whole = new byte[target.length];
            System.arraycopy(expected, 0, whole, 3, expected.length);
            assertThat(target).as("%d bytes", source.length).isEqualTo(whole);
        }
    }

    @Test
    void foreignTextBecomesOneBoundedLine() {
        assertThat(OneLine.of("  a\r\n\tb\u0000\u001b[31mc\u202ed  ", 100))
                .isEqualTo("a b [31mc d");
        assertThat(OneLine.of("abcdef", 3)).isEqualTo("abc...");
        assertThat(OneLine.of("abc", 3)).isEqualTo("abc");
        assertThat(OneLine.of("\n\n", 3)).isEmpty();
    }

    @Test
    void anErrorBodyIsReadAsFarAsItGoes() {
        assertThat(error("{\"ErrorCode\": -2, \"ErrorMessage\": \"No such file\\nor directory\"}"))
                .isEqualTo(new ErrorBody(true, -2, "No such file or directory", ""));
        assertThat(error("{\"ErrorCode\": \"x\", \"ErrorMessage\": 5, \"z\": {}}"))
                .isEqualTo(
                        new ErrorBody(
                                false,
                                0,
                                null,
                                "{\"ErrorCode\": \"x\", \"ErrorMessage\": 5, \"z\": {}}"));
        assertThat(error("{\"ErrorCode\": 99999999999}"))
                .isEqualTo(new ErrorBody(false, 0, null, "{\"ErrorCode\": 99999999999}"));
        assertThat(error("{\"ErrorCode\": 0}")).isEqualTo(new ErrorBody(true, 0, null, ""));
        assertThat(error("no JSON: Container not found!"))
                .isEqualTo(
                        new ErrorBody(
                                true, 0, "Container not found", "no JSON: Container not found!"));
        assertThat(error("<html>\n<b>Bad  Gateway</b>"))
                .isEqualTo(new ErrorBody(false, 0, null, "<html> <b>Bad Gateway</b>"));
        assertThat(error("")).isEqualTo(new ErrorBody(false, 0, null, ""));
        assertThat(error("x".repeat(5000)).words()).hasSizeLessThan(250);
    }

    @Test
    void aCommittedPositionIsFoundAmongOtherAttributes() throws Exception {
        assertThat(
                        committed(
                                "{\"Item\": {\"other\": {\"S\": \"5\"}, \"__g_committed_sequence_number\":"
                                        + " {\"N\": \"41\"}}}"))
                .hasValue(41);
        assertThat(committed("{\"Item\": {}}")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"Item\": 5}",
                "{\"Item\": {\"__g_committed_sequence_number\": {\"S\": \"41\"}}}",
                "{\"Item\": {\"__g_committed_sequence_number\": {\"N\": \"x\"}}}",
                "{\"Item\": {\"__g_committed_sequence_number\": {\"N\": \"-1\"}}}",
                "{\"Item\": {\"__g_committed_sequence_number\": {\"N\": \"9223372036854775808\"}}}",
                "{\"Item\": {\"__g_committed_sequence_number\": {\"N\": 41}}}"
            })
    void aCommittedPositionThatIsNoneIsRefused(String body) {
        assertThatThrownBy(() -> committed(body)).isInstanceOf(MalformedAnswerException.class);
    }

    @Test
    void aGroupNameIsRefusedWhereItCouldNameAnotherAttribute() {
        for (String name : new String[] {"cg0", "my_job", "A_b", "7", "x".repeat(128)}) {
            assertThat(CommittedPosition.refuseGroup(name)).isNull();
        }
        for (String name :
                new String[] {
                    "", "my-job", "_a", "a,b", "a b", "*", "a.b", "\u00e9", "a\n", "x".repeat(129)
                }) {
            assertThat(CommittedPosition.refuseGroup(name)).isNotNull();
        }
    }

    private static ErrorBody error(String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        return ErrorBody.parse(
                bytes, bytes.length, false, (text, isCut, maxChars) -> OneLine.of(text, maxChars));
    }

    private static OptionalLong committed(String body) throws MalformedAnswerException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        return SmallAnswers.committedSequenceNumber("g").decode(bytes, bytes.length);
    }
}
