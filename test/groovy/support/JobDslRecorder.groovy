/** Writes down the blocks of a Job DSL script: what is called inside of what, with which values. */
class JobDslRecorder {
    List items = []

    void run(Script script) {
        ['folder', 'pipelineJob', 'listView'].each { kind ->
            script.metaClass."$kind" = { Object path, Closure body ->
                Item item = new Item(kind: kind, path: path.toString())
                items.add(item)
                item.inside(kind, body)
            }
        }
        script.run()
    }
}

class Item {
    String kind
    String path
    /** [place, arguments] */
    List calls = []

    void inside(String place, Closure body) {
        body.delegate = new Place(item: this, place: place)
        body.resolveStrategy = Closure.DELEGATE_FIRST
        body()
    }

    List values(String place) {
        return calls.findAll { it.place == place }.collect { it.arguments[0] }
    }

    /** First arguments of everything that is called directly in a place. */
    List names(String place) {
        return calls.findAll { it.place.startsWith(place + '.') && !it.place.substring(place.length() + 1).contains('.') }
            .collect { it.arguments[0] }
    }
}

class Place {
    Item item
    String place

    Object invokeMethod(String name, Object arguments) {
        List given = arguments as List
        String inner = "${place}.${name}"
        if (given && given.last() instanceof Closure) {
            item.inside(inner, given.last())
        } else {
            item.calls.add([place: inner, arguments: given])
        }
        return null
    }
}
