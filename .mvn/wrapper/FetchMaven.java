import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** Fetches one pinned Maven into the directory that is its argument, and prints where it is. Started from source by mvnw. */
final class FetchMaven {

    private static final String VERSION = "3.9.11";
    private static final String SHA_512 = "03e2d65d4483a3396980629f260e25cac0d8b6f7f2791e4dc20bc83f9514db8d"
            + "0f05b0479e699a5f34679250c49c8e52e961262ded468a20de0be254d8207076";

    public static void main(String[] args) {
        try {
            System.out.println(fetch(Path.of(args[0]).toAbsolutePath()));
        } catch (IOException | InterruptedException | IllegalStateException e) {
            System.err.println("mvnw: cannot fetch Maven " + VERSION + ": " + e);
            System.err.println("mvnw: install a Maven 3.8.6 or later yourself, or set HOLDFAST_MAVEN_ARCHIVE to a copy of"
                    + " https://archive.apache.org/dist/maven/maven-3 that can be reached from here");
            System.exit(1);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static Path fetch(Path dists) throws Exception {
        String name = "apache-maven-" + VERSION;
        Path parent = Files.createDirectories(dists.resolve(name + "-bin"));
        Path home = parent.resolve("holdfast").resolve(name);
        if (Files.exists(home)) {
            return home;
        }
        // Unpacked beside its place and moved there whole, so that an interrupted fetch leaves no half a Maven.
        Path work = Files.createTempDirectory(parent, "fetch");
        try {
            Path zip = work.resolve(name + "-bin.zip");
            download(URI.create(archive() + "/" + VERSION + "/binaries/" + name + "-bin.zip"), zip);
            check(zip);
            unpack(zip, work.resolve("unpacked"));
            try {
                Files.move(work.resolve("unpacked"), home.getParent());
            } catch (FileAlreadyExistsException e) {
                System.err.println("mvnw: another build fetched Maven meanwhile");
            }
            return home;
        } finally {
            delete(work);
        }
    }

    private static String archive() {
        String other = System.getenv("HOLDFAST_MAVEN_ARCHIVE");
        return other == null || other.isBlank() ? "https://archive.apache.org/dist/maven/maven-3" : other;
    }

    private static void download(URI from, Path to) throws IOException, InterruptedException {
        System.err.println("mvnw: fetching " + from);
        HttpClient.Builder client = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NORMAL)
                .connectTimeout(Duration.ofSeconds(30));
        String proxy = System.getenv("https_proxy") != null ? System.getenv("https_proxy") : System.getenv("HTTPS_PROXY");
        if (proxy != null && !proxy.isBlank() && "https".equals(from.getScheme())) {
            URI at = URI.create(proxy.contains("://") ? proxy : "http://" + proxy);
            client.proxy(ProxySelector.of(new InetSocketAddress(at.getHost(), at.getPort() < 0 ? 80 : at.getPort())));
        }
        HttpRequest request = HttpRequest.newBuilder(from).timeout(Duration.ofMinutes(10)).build();
        HttpResponse<Path> response = client.build().send(request, HttpResponse.BodyHandlers.ofFile(to));
        if (response.statusCode() != 200) {
            throw new IllegalStateException(from + " answered " + response.statusCode());
        }
    }

    private static void check(Path zip) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-512");
        String actual = HexFormat.of().formatHex(digest.digest(Files.readAllBytes(zip)));
        if (!actual.equals(SHA_512)) {
            throw new IllegalStateException("its SHA-512 is " + actual + ", not " + SHA_512);
        }
    }

    private static void unpack(Path zip, Path into) throws IOException {
        try (InputStream file = Files.newInputStream(zip);
                ZipInputStream in = new ZipInputStream(file)) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                Path target = into.resolve(entry.getName()).normalize();
                if (!target.startsWith(into)) {
                    throw new IllegalStateException("it would unpack outside its directory: " + entry.getName());
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(target);
                } else {
                    Files.createDirectories(target.getParent());
                    Files.copy(in, target);
                }
            }
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            all.sorted((a, b) -> b.compareTo(a)).forEach(path -> {
                try {
                    Files.delete(path);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
