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

package io.v3io.flink.formats;

import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;

/** Options of the format {@code storey-json}, beside all those of Flink's {@code json}. */
@PublicEvolving
public final class StoreyJsonOptions {

    public static final ConfigOption<String> BODY_FIELD =
            ConfigOptions.key("body-field")
                    .stringType()
                    .noDefaultValue()
                    .withDescription(
                            "The column that the whole body is, whatever it is: text, a number, a list; as STRING also the JSON"
                                    + " of an object. No other column is read from the data then. Default: the body is an"
                                    + " object, and each column one of its fields.");

    private StoreyJsonOptions() {}
}
