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

package io.v3io.flink.builder;

import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.InvalidProgramException;
import org.apache.flink.api.java.ClosureCleaner;

import javax.annotation.Nullable;

/** Makes a user's function ready to be sent to the task managers. */
@Internal
public final class UserFunction {

    private UserFunction() {}

    /**
     * Takes from the function what it does not need, such as the object that an anonymous class was
     * made in.
     *
     * @param setting that it was given to
     * @param function null for none
     * @throws IllegalArgumentException if it cannot be serialized
     */
    public static void clean(String setting, @Nullable Object function) {
        if (function == null) {
            return;
        }
        try {
            ClosureCleaner.clean(function, ExecutionConfig.ClosureCleanerLevel.RECURSIVE, true);
            // The cleaner does not look at lambdas.
            ClosureCleaner.ensureSerializable(function);
        } catch (InvalidProgramException e) {
            throw new IllegalArgumentException(
                    setting
                            + " was given a "
                            + function.getClass().getName()
                            + " that cannot be serialized, which sending it to the task managers"
                            + " needs. Often it is a lambda or an inner class that uses a field of"
                            + " a class that is not serializable.",
                    e);
        }
    }
}
