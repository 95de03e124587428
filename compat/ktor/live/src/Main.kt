import io.ktor.http.*
import io.ktor.server.application.*
import io.ktor.server.cio.*
import io.ktor.server.engine.*
import io.ktor.server.request.*
import io.ktor.server.response.*
import io.ktor.server.routing.*
import io.ktor.server.sessions.*
import io.ktor.server.sessions.serialization.*
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.Serializable
import kotlinx.serialization.json.Json
import kotlinx.serialization.modules.EmptySerializersModule
import kotlinx.serialization.serializer
import java.io.File

// A server whose sessions are made in every way that Ktor has, for live_test.go. Its one argument is the directory of the
// directory storages. It prints its port, and ends when its input does.

@Serializable
data class User(val userId: String, val cart: List<String>, val visits: Int)

val serializers = mapOf<String, SessionSerializer<User>>(
    "json" to KotlinxSessionSerializer(serializer<User>(), Json),
    "reflection" to reflectionSessionSerializer(),
    "compatible" to KotlinxBackwardCompatibleSessionSerializer(EmptySerializersModule()),
)

fun key(size: Int) = ByteArray(size) { it.toByte() }

val signKey = ByteArray(32) { (it + 1).toByte() }

fun mac(algorithm: String) = SessionTransportTransformerMessageAuthentication(signKey, algorithm)

fun encrypt(size: Int, old: Boolean = false) =
    SessionTransportTransformerEncrypt(key(size), signKey, backwardCompatibleRead = old)

val transformers = mapOf<String, List<SessionTransportTransformer>>(
    "none" to listOf(),
    "mac1" to listOf(mac("HmacSHA1")),
    "mac256" to listOf(mac("HmacSHA256")),
    "mac384" to listOf(mac("HmacSHA384")),
    "mac512" to listOf(mac("HmacSHA512")),
    "encrypt128" to listOf(encrypt(16)),
    "encrypt192" to listOf(encrypt(24)),
    "encrypt256" to listOf(encrypt(32)),
    "old" to listOf(encrypt(16, old = true)),
    "chain" to listOf(encrypt(32), mac("HmacSHA256")),
)

val memory = SessionStorageMemory()

fun Route.sessions(path: String, install: SessionsConfig.() -> Unit) = route(path) {
    install(Sessions, install)
    get("/get") { call.respondText(call.sessions.get<User>()?.text() ?: "none") }
    get("/set") {
        val query = call.request.queryParameters
        val user = User(query["userId"]!!, query.getAll("cart") ?: emptyList(), query["visits"]!!.toInt())
        call.sessions.set(user)
        call.respondText(user.text())
    }
    get("/clear") {
        call.sessions.clear<User>()
        call.respondText("none")
    }
}

fun User.text() = "$userId|${cart.joinToString(",")}|$visits"

fun Route.combinations(directory: SessionStorage) {
    for ((s, with) in serializers) for ((t, chain) in transformers) {
        for (e in CookieEncoding.entries) {
            sessions("/cookie/value/$s/$t/${e.name}") {
                cookie<User>("SESSION") {
                    serializer = with
                    chain.forEach(::transform)
                    cookie.encoding = e
                }
            }
        }
        sessions("/header/value/$s/$t") {
            header<User>("X-Session") {
                serializer = with
                chain.forEach(::transform)
            }
        }
        for ((kept, storage) in listOf("memory" to memory, "directory" to directory)) {
            for (e in CookieEncoding.entries) {
                sessions("/cookie/id/$s/$t/${e.name}/$kept") {
                    cookie<User>("SESSION", storage) {
                        serializer = with
                        chain.forEach(::transform)
                        cookie.encoding = e
                    }
                }
            }
            sessions("/header/id/$s/$t/$kept") {
                header<User>("X-Session", storage) {
                    serializer = with
                    chain.forEach(::transform)
                }
            }
        }
    }
}

// Cookies with every attribute, without a life, with one that is over, and with one that is longer than Max-Age can say.
fun Route.attributes(directory: SessionStorage) {
    val ways = mapOf<String, CookieConfiguration.() -> Unit>(
        "all" to {
            domain = "example.org"
            path = "/shop"
            secure = true
            httpOnly = false
            sameSite = SameSite.Strict
            maxAgeInSeconds = 5
            extensions["Priority"] = "High"
            extensions["Flag"] = null
        },
        "browser" to { maxAgeInSeconds = null },
        "once" to { maxAgeInSeconds = 0 },
        "long" to { maxAgeInSeconds = 100L * 365 * 24 * 3600 },
    )
    for ((name, way) in ways) {
        sessions("/attributes/$name") { cookie<User>("SESSION") { cookie.way() } }
    }
    for ((name, old) in listOf("strict" to false, "old" to true)) {
        sessions("/encrypt/$name") {
            cookie<User>("SESSION") {
                serializer = serializers["reflection"]!!
                transform(encrypt(16, old))
            }
        }
    }
    sessions("/identity") {
        cookie<User>("SESSION", directory) { identity { call -> call.request.headers["X-Id"]!! } }
    }
}

// The memory storage for whoever cannot reach it otherwise.
fun Route.memory() = route("/memory/{id}") {
    get {
        try {
            call.respondText(memory.read(call.parameters["id"]!!))
        } catch (_: NoSuchElementException) {
            call.respond(HttpStatusCode.NotFound)
        }
    }
    put {
        memory.write(call.parameters["id"]!!, call.receiveText())
        call.respond(HttpStatusCode.NoContent)
    }
    delete {
        memory.invalidate(call.parameters["id"]!!)
        call.respond(HttpStatusCode.NoContent)
    }
}

fun main(args: Array<String>) {
    val directory = directorySessionStorage(File(args[0]), cached = false)
    val server = embeddedServer(CIO, port = 0, host = "127.0.0.1") {
        routing {
            combinations(directory)
            attributes(directory)
            memory()
        }
    }
    server.start(wait = false)
    println("port " + runBlocking { server.engine.resolvedConnectors().first().port })
    while (System.`in`.read() >= 0) Unit
    server.stop(0, 0)
}
