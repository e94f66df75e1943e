"""What pages show of environments."""

from __future__ import annotations

from dataclasses import dataclass

from sessions_api.environments.kinds import Kinds
from sessions_api.web.parts import Action, Crumb, Pager, Tone

_PACKAGES = Kinds(images=False, packages=True)


@dataclass(frozen=True, slots=True)
class Offer:
    """An environment that can be added to a project.

    Attributes:
        usual: `usually 6 s`, from earlier starts; empty without any.
        default: whether it is one of the default environments.
        marks: why it comes first, each with its icon.
    """

    slug: str
    name: str
    description: str
    front_end: str
    version: int
    digest: str
    keywords: tuple[str, ...] = ()
    usual: str = ""
    default: bool = True
    marks: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Offers:
    """The environments that a session can be added from, as a page of them shows them.

    Attributes:
        query: what was searched for; empty: nothing.
        action: what a press on Add is sent to.
        default: the default ones, on the first page without a search.
        title: of the others, or of what was found.
        others: those that lead first.
        nothing: what stands in the place of `others` where there are none.
    """

    query: str
    action: str
    default: tuple[Offer, ...]
    title: str
    others: tuple[Offer, ...]
    nothing: str
    pager: Pager


@dataclass(frozen=True, slots=True)
class Chip:
    """A choice that narrows the list, as a link; `on`: it is made, and the link takes it back."""

    label: str
    href: str
    on: bool = False
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Audience:
    """Who sees an environment, in a word or two."""

    label: str
    icon: str


@dataclass(frozen=True, slots=True)
class CatalogueRow:
    """An environment in the list.

    Attributes:
        used: `used in 3 projects`.
        archived: `since 2 Oct`; empty: it is not.
        star: makes it a favourite, or none.
    """

    slug: str
    name: str
    description: str
    front_end: str
    version: int
    digest: str
    default: bool
    audience: Audience
    used: str
    archived: str
    successor: Crumb | None
    star: Action
    keywords: tuple[Chip, ...]


@dataclass(frozen=True, slots=True)
class Nothing:
    """What stands in the place of an empty list."""

    text: str
    action: Action


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The list of environments.

    Attributes:
        kept: what a new search keeps: hidden fields.
        choices: favourites, mine, archived.
        keywords: those of the environments on this page, the frequent ones first.
    """

    title: str
    query: str
    kept: tuple[tuple[str, str], ...]
    choices: tuple[Chip, ...]
    keywords: tuple[Chip, ...]
    rows: tuple[CatalogueRow, ...]
    nothing: Nothing
    pager: Pager


@dataclass(frozen=True, slots=True)
class Package:
    """An installed package; `before` is its version in the version before, or a word."""

    name: str
    version: str
    kind: str
    before: str = ""


@dataclass(frozen=True, slots=True)
class Packages:
    """What is installed in a version, searchable and in pages.

    Attributes:
        path: of the page that shows it.
        kinds: value and label of what it can be narrowed to; empty where there is one kind only.
        total: how many there are without a search.
        before: number of the version that is compared with; 0: there is none.
    """

    number: int
    path: str
    query: str
    kind: str
    kinds: tuple[tuple[str, str], ...]
    rows: tuple[Package, ...]
    total: int
    before: int
    note: str
    pager: Pager


@dataclass(frozen=True, slots=True)
class Change:
    """A package that differs between two versions; empty where it is not there."""

    name: str
    kind: str
    before: str
    after: str
    major: bool = False


@dataclass(frozen=True, slots=True)
class Version:
    """A version: what it is and how it runs.

    Attributes:
        written: the image as somebody typed it; empty: nobody did.
        image: `REPOSITORY@sha256:…`; empty: it is made of packages.
        facts: name and value of how it is run and what is known of it.
        layers: digest and size of each, from the lowest.
        labels: name and value.
        trial: starts it for real; None: it cannot be started here.
    """

    number: int
    digest: str
    newest: bool
    written: str
    image: str
    facts: tuple[tuple[str, str], ...]
    layers: tuple[tuple[str, str], ...]
    labels: tuple[tuple[str, str], ...]
    trial: Action | None


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version in the list of versions.

    Attributes:
        summary: what changed since the version before.
        difference: address of all that changed; empty of the first version.
        changes: the first of the packages that changed, of the newest version.
        more: how many there are, where these are not all; else empty.
    """

    number: int
    href: str
    digest: str
    when: str
    who: str
    newest: bool
    summary: str
    difference: str
    changes: tuple[Change, ...] = ()
    more: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """A session that the viewer can see and that uses the environment."""

    session: str
    href: str
    project: str
    version: int


@dataclass(frozen=True, slots=True)
class News:
    """What happened to an environment outside, and what can be done about it."""

    tone: Tone
    icon: str
    title: str
    text: str
    act: Action | None = None


@dataclass(frozen=True, slots=True)
class EnvironmentPage:
    """The page of an environment.

    Attributes:
        archived: `since 2 Oct`; empty: it is not.
        news: of the tag that the newest version was typed with; None: nothing to tell.
        add: menu of the projects that it can be added to; empty: it cannot be.
        menu: what else can be done.
        compare: numbers that can be compared; empty where there are not enough.
        older: address of the versions before those that are shown.
        uses_note: how many projects use it in all.
        facts: name and value of what is known about it.
    """

    slug: str
    name: str
    description: str
    keywords: tuple[Chip, ...]
    default: bool
    archived: str
    successor: Crumb | None
    news: News | None
    star: Action
    add: tuple[tuple[Action, ...], ...]
    menu: tuple[tuple[Action, ...], ...]
    version: Version
    packages: Packages
    versions: tuple[VersionRow, ...]
    compare: tuple[int, ...]
    older: str
    uses: tuple[Use, ...]
    uses_note: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class VersionPage:
    """The page of one version."""

    title: str
    crumbs: tuple[Crumb, ...]
    version: Version
    packages: Packages
    difference: str


@dataclass(frozen=True, slots=True)
class DifferencePage:
    """What differs between two versions.

    Attributes:
        summary: in one line.
        facts: name, value before and value after of what differs in how it is run and in size.
        compare: numbers that can be compared.
    """

    title: str
    crumbs: tuple[Crumb, ...]
    path: str
    before: int
    after: int
    digests: tuple[str, str]
    summary: str
    facts: tuple[tuple[str, str, str], ...]
    changes: tuple[Change, ...]
    compare: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """A step of a check; `heard` says the state to who does not see its icon."""

    title: str
    state: str
    heard: str
    more: str


@dataclass(frozen=True, slots=True)
class Check:
    """What a check of an image came to.

    Attributes:
        works: whether the form below is filled with what it found.
        fix: what to do about an image that will not work, or what to know of one that does; may be empty.
        facts: name and value of what was found; empty where the image was not to be had.
        remedies: where something can be done about an image that was not to be had.
    """

    works: bool
    sentence: str
    fix: str
    stops: tuple[Stop, ...]
    facts: tuple[tuple[str, str], ...] = ()
    remedies: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class FileNews:
    """What a file that lists packages came to, above the form that it filled."""

    title: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EditPage:
    """What stands around the forms of an environment.

    Attributes:
        path: what the form is sent to, wherever it is shown.
        do: what the button says.
        refused: what the summary of a refusal begins with.
        recipe: the recipe whose words are its own; empty: its words can be changed.
        projects: slug and name of those that can be chosen.
        unseen: how many projects it is for besides, which the viewer does not see.
        more: whether the viewer sees more projects than `projects`.
        admin: whether the viewer decides which environments are default ones.
        kinds: what sessions run from here.
        front_ends: value and name of the other ones in the form.
        needs: what an image must have.
        check: of the image in the form; None: it was not checked just now.
        file: that the form was filled with; None: none was read just now.
    """

    title: str
    crumbs: tuple[Crumb, ...]
    note: str
    path: str
    do: str
    refused: str
    back: str
    kinds: Kinds = _PACKAGES
    front_ends: tuple[tuple[str, str], ...] = ()
    recipe: str = ""
    projects: tuple[tuple[str, str], ...] = ()
    unseen: int = 0
    more: bool = False
    admin: bool = False
    needs: tuple[str, ...] = ()
    check: Check | None = None
    file: FileNews | None = None
