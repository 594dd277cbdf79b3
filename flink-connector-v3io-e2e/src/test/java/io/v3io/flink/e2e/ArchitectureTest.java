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

package io.v3io.flink.e2e;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

/** The arrows of the house and the marks of its public API; no violation is frozen. */
class ArchitectureTest {

    private static final String CLIENT = "io.v3io.client..";
    private static final String EMULATOR = "io.v3io.emulator..";
    private static final String CONNECTOR = "io.v3io.flink..";
    private static final String SOURCE = "io.v3io.flink.source..";
    private static final String SINK = "io.v3io.flink.sink..";
    private static final String WRITER = "io.v3io.flink.sink.writer";

    /**
     * V3ioSink, its subclass, its builder and parts; other classes there are a user's functions.
     */
    private static final String SINK_ITSELF =
            "io\\.v3io\\.flink\\.sink\\.([A-Z0-9a-z]*Sink(Builder)?"
                    + "|TargetStreams|ElementRouting|RequestBounds)(\\$.*)?";

    private static final String TABLE = "io.v3io.flink.table..";
    private static final String FORMATS = "io.v3io.flink.formats..";
    private static final String DEAD_LETTERS = "io.v3io.flink.deadletter..";
    private static final String BUILDERS = "io.v3io.flink.builder..";
    private static final String EXAMPLES = "io.v3io.flink.examples..";
    private static final String TO_KAFKA = "io.v3io.flink.kafka..";
    private static final String FLINK = "org.apache.flink..";

    private static JavaClasses all;

    @BeforeAll
    static void importClasses() {
        all =
                new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests())
                        // Tests of connector and v3io-to-kafka that others use: jars after
                        // 'package'.
                        .withImportOption(
                                location ->
                                        !location.contains("/io/v3io/flink/testing/")
                                                && !location.contains(
                                                        "/io/v3io/flink/kafka/testing/"))
                        .importPackages("io.v3io");
        // A rule over classes that are not there would hold, too.
        for (String member :
                new String[] {
                    "io.v3io.client.V3ioClient",
                    "io.v3io.emulator.V3ioEmulator",
                    "io.v3io.flink.source.V3ioSource",
                    "io.v3io.flink.sink.V3ioSink",
                    "io.v3io.flink.table.V3ioTableFactory",
                    "io.v3io.flink.formats.StoreyJsonFormatFactory",
                    "io.v3io.flink.deadletter.DeadLetter",
                    "io.v3io.flink.builder.UserFunction",
                    "io.v3io.flink.examples.WordCount",
                    "io.v3io.flink.kafka.Main"
                }) {
            assertThat(all.contain(member)).as(member).isTrue();
        }
    }

    @Test
    void theClientKnowsNoFlinkNoConnectorAndNoEmulator() {
        noClasses()
                .that()
                .resideInAPackage(CLIENT)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(FLINK, CONNECTOR, EMULATOR)
                .check(all);
    }

    @Test
    void theEmulatorKnowsNoFlinkNoConnectorAndNoClient() {
        noClasses()
                .that()
                .resideInAPackage(EMULATOR)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(FLINK, CONNECTOR, CLIENT)
                .check(all);
    }

    @Test
    void theConnectorKnowsNoEmulatorAndNoExamples() {
        noClasses()
                .that()
                .resideInAnyPackage(SOURCE, SINK, TABLE, FORMATS, DEAD_LETTERS, BUILDERS)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(EMULATOR, EXAMPLES)
                .check(all);
    }

    @Test
    void sourceAndSinkKnowNeitherEachOtherNorTheTable() {
        noClasses()
                .that()
                .resideInAPackage(SOURCE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(SINK, TABLE)
                .check(all);
        noClasses()
                .that()
                .resideInAPackage(SINK)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(SOURCE, TABLE)
                .check(all);
    }

    @Test
    void theFormatsKnowNeitherSourceNorSinkNorTable() {
        noClasses()
                .that()
                .resideInAPackage(FORMATS)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(SOURCE, SINK, TABLE)
                .check(all);
    }

    @Test
    void whatSourceAndSinkShareKnowsNeitherThemNorTableNorFormats() {
        noClasses()
                .that()
                .resideInAnyPackage(DEAD_LETTERS, BUILDERS)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(SOURCE, SINK, TABLE, FORMATS)
                .check(all);
    }

    /**
     * The sink has four floors, and reads from the top to the bottom: sink, exactlyonce, writer,
     * state.
     */
    @Test
    void thePackagesOfTheSinkPointDownward() {
        noClasses()
                .that()
                .resideInAPackage("io.v3io.flink.sink.state")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.v3io.flink.sink",
                        "io.v3io.flink.sink.writer",
                        "io.v3io.flink.sink.exactlyonce")
                .check(all);
        noClasses()
                .that()
                .resideInAPackage("io.v3io.flink.sink.writer")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.v3io.flink.sink.exactlyonce")
                .check(all);
        // The functions that a user writes are in the package of the sink, and know nothing of it.
        noClasses()
                .that()
                .resideInAnyPackage("io.v3io.flink.sink.writer", "io.v3io.flink.sink.exactlyonce")
                .should()
                .dependOnClassesThat()
                .haveNameMatching(SINK_ITSELF)
                .check(all);
        noClasses()
                .that()
                .resideInAPackage("io.v3io.flink.sink")
                .and()
                .haveNameNotMatching(SINK_ITSELF)
                .should()
                .dependOnClassesThat(
                        JavaClass.Predicates.resideInAnyPackage(
                                        "io.v3io.flink.sink.writer",
                                        "io.v3io.flink.sink.exactlyonce",
                                        "io.v3io.flink.sink.state")
                                .or(HasName.Predicates.nameMatching(SINK_ITSELF)))
                .check(all);
    }

    /** The floors that the page of the package tells of; what is not named here is the lowest. */
    @Test
    void theClassesOfTheSinksWriterPointDownward() {
        List<Set<String>> floors =
                List.of(
                        Set.of("V3ioSinkWriter", "RequestBuffer"),
                        Set.of(
                                "RequestDelivery",
                                "AnswerJudge",
                                "RefusedRecords",
                                "RequestOutcome"),
                        Set.of(
                                "RequestSchedule",
                                "Destination",
                                "StreamSetup",
                                "RecordQueue",
                                "LaneQueue",
                                "PutRequest",
                                "PendingRecord",
                                "CongestionControl",
                                "Backlog",
                                "HandOverLimit",
                                "XxHash32"));
        Set<String> above = new HashSet<>();
        for (Set<String> floor : floors) {
            floor.forEach(name -> assertThat(all.contain(WRITER + "." + name)).as(name).isTrue());
            if (!above.isEmpty()) {
                noClasses()
                        .that(areOfTheWriter(floor::contains))
                        .should()
                        .dependOnClassesThat(areOfTheWriter(Set.copyOf(above)::contains))
                        .check(all);
            }
            above.addAll(floor);
        }
        noClasses()
                .that(areOfTheWriter(name -> !above.contains(name)))
                .should()
                .dependOnClassesThat(areOfTheWriter(above::contains))
                .check(all);
    }

    @Test
    void theClassesOfTheSinksWriterFormNoCycle() {
        slices().assignedFrom(
                        new SliceAssignment() {
                            @Override
                            public SliceIdentifier getIdentifierOf(JavaClass type) {
                                if (!type.getPackageName().equals(WRITER)) {
                                    return SliceIdentifier.ignore();
                                }
                                // The interface makes the queue that is wanted.
                                String name = outermost(type);
                                return SliceIdentifier.of(
                                        name.equals("LaneQueue") ? "RecordQueue" : name);
                            }

                            @Override
                            public String getDescription() {
                                return "classes of the sink's writer";
                            }
                        })
                .should()
                .beFreeOfCycles()
                .check(all);
    }

    private static DescribedPredicate<JavaClass> areOfTheWriter(Predicate<String> floor) {
        return DescribedPredicate.describe(
                "are of a floor of the sink's writer",
                type -> type.getPackageName().equals(WRITER) && floor.test(outermost(type)));
    }

    private static String outermost(JavaClass type) {
        String name = type.getName().substring(type.getPackageName().length() + 1);
        int nested = name.indexOf('$');
        return nested < 0 ? name : name.substring(0, nested);
    }

    @Test
    void theTableUsesNothingOfSourceAndSinkButWhatIsPublic() {
        noClasses()
                .that()
                .resideInAPackage(TABLE)
                .should()
                .dependOnClassesThat(
                        new DescribedPredicate<JavaClass>("are internal to source or sink") {
                            @Override
                            public boolean test(JavaClass type) {
                                boolean isTheirs =
                                        type.getPackageName().startsWith("io.v3io.flink.source")
                                                || type.getPackageName()
                                                        .startsWith("io.v3io.flink.sink");
                                return isTheirs && !isPublicApi(type) && !type.isInnerClass();
                            }
                        })
                .check(all);
    }

    /** v3io-to-kafka stands on top of all: a user's program that others know nothing of. */
    @Test
    void nobodyKnowsV3ioToKafkaAndItKnowsOnlyWhatIsPublic() {
        noClasses()
                .that()
                .resideOutsideOfPackage(TO_KAFKA)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(TO_KAFKA)
                .check(all);
        noClasses()
                .that()
                .resideInAPackage(TO_KAFKA)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(EMULATOR, EXAMPLES)
                .check(all);
        noClasses()
                .that()
                .resideInAPackage(TO_KAFKA)
                .should()
                .dependOnClassesThat(
                        new DescribedPredicate<JavaClass>("are internal to the connector") {
                            @Override
                            public boolean test(JavaClass type) {
                                return isInternal(type);
                            }
                        })
                .check(all);
    }

    /** Its parts point downward: commands, then what they do, then state, topics and streams. */
    @Test
    void thePackagesOfV3ioToKafkaPointDownward() {
        String config = "io.v3io.flink.kafka.config";
        String record = "io.v3io.flink.kafka.record";
        String[] lower = {
            config,
            record,
            "io.v3io.flink.kafka.topic",
            "io.v3io.flink.kafka.stream",
            "io.v3io.flink.kafka.state"
        };
        noClasses()
                .that()
                .resideInAnyPackage(lower)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.v3io.flink.kafka",
                        "io.v3io.flink.kafka.mirror",
                        "io.v3io.flink.kafka.plan",
                        "io.v3io.flink.kafka.status",
                        "io.v3io.flink.kafka.translate",
                        "io.v3io.flink.kafka.verify")
                .check(all);
        noClasses()
                .that()
                .resideInAPackage("io.v3io.flink.kafka.*")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.v3io.flink.kafka")
                .check(all);
    }

    @Test
    void theConnectorUsesTheClientByItsPublicTypes() {
        noClasses()
                .that()
                .resideInAPackage(CONNECTOR)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.v3io.client.http..", "io.v3io.client.wire..")
                .check(all);
    }

    @Test
    void nobodyUsesGuavaOrFlinksShadedLibraries() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("com.google.common..", "org.apache.flink.shaded..")
                .check(all);
    }

    @Test
    void everyPublicClassOfTheConnectorIsMarked() {
        classes()
                .that()
                .resideInAnyPackage(SOURCE, SINK, TABLE, FORMATS, DEAD_LETTERS, BUILDERS)
                .and()
                .areTopLevelClasses()
                .and()
                .arePublic()
                .should(
                        beMarked(
                                "org.apache.flink.annotation.PublicEvolving",
                                "org.apache.flink.annotation.Internal"))
                .check(all);
    }

    @Test
    void everyPublicClassOfTheClientIsMarked() {
        classes()
                .that()
                .resideInAPackage(CLIENT)
                .and()
                .resideOutsideOfPackage("io.v3io.client.annotation..")
                .and()
                .areTopLevelClasses()
                .and()
                .arePublic()
                .should(
                        beMarked(
                                "io.v3io.client.annotation.PublicEvolving",
                                "io.v3io.client.annotation.Internal"))
                .check(all);
    }

    @Test
    void publicMethodsOfPublicClassesShowPublicTypes() {
        classes()
                .that()
                .resideInAnyPackage(SOURCE, SINK, TABLE, FORMATS, DEAD_LETTERS, BUILDERS, CLIENT)
                .and(
                        new DescribedPredicate<JavaClass>("are marked PublicEvolving") {
                            @Override
                            public boolean test(JavaClass type) {
                                return isPublicApi(type) && !implementsFlinksOwnApi(type);
                            }
                        })
                .should(
                        new ArchCondition<>("show only public types of this project") {
                            @Override
                            public void check(JavaClass type, ConditionEvents events) {
                                type.getMethods().stream()
                                        .filter(
                                                method ->
                                                        method.getModifiers()
                                                                .contains(JavaModifier.PUBLIC))
                                        .filter(
                                                method ->
                                                        !method.getModifiers()
                                                                .contains(JavaModifier.SYNTHETIC))
                                        .forEach(
                                                method ->
                                                        method.getAllInvolvedRawTypes().stream()
                                                                .filter(
                                                                        ArchitectureTest
                                                                                ::isInternal)
                                                                .forEach(
                                                                        shown ->
                                                                                events.add(
                                                                                        SimpleConditionEvent
                                                                                                .violated(
                                                                                                        method,
                                                                                                        method
                                                                                                                        .getFullName()
                                                                                                                + " shows"
                                                                                                                + " "
                                                                                                                + shown
                                                                                                                        .getName()))));
                            }
                        })
                .check(all);
    }

    private static ArchCondition<JavaClass> beMarked(String... annotations) {
        return new ArchCondition<>("be marked by one of " + String.join(", ", annotations)) {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                for (String annotation : annotations) {
                    if (type.isAnnotatedWith(annotation)) {
                        return;
                    }
                }
                events.add(SimpleConditionEvent.violated(type, type.getName() + " is not marked"));
            }
        };
    }

    private static boolean isPublicApi(JavaClass type) {
        return type.isAnnotatedWith("org.apache.flink.annotation.PublicEvolving")
                || type.isAnnotatedWith("io.v3io.client.annotation.PublicEvolving");
    }

    private static boolean isInternal(JavaClass type) {
        return type.getPackageName().startsWith("io.v3io")
                && (type.isAnnotatedWith("org.apache.flink.annotation.Internal")
                        || type.isAnnotatedWith("io.v3io.client.annotation.Internal"));
    }

    /**
     * Flink's Source and Sink interfaces make the types of splits, states and writers appear in
     * method signatures.
     */
    private static boolean implementsFlinksOwnApi(JavaClass type) {
        return type.isAssignableTo("org.apache.flink.api.connector.source.Source")
                || type.isAssignableTo("org.apache.flink.api.connector.sink2.Sink");
    }
}
