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

package io.v3io.testing;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;

/** Bytes that earlier versions wrote, from the test resources. */
public final class GoldenBytes {

    private GoldenBytes() {}

    public static byte[] read(String resource) throws IOException {
        try (InputStream in = GoldenBytes.class.getClassLoader().getResourceAsStream(resource)) {
            if (in == null) {
                throw new FileNotFoundException(resource);
            }
            return in.readAllBytes();
        }
    }
}
