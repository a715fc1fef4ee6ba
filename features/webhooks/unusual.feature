@webhooks @pci-6.2.4 @cwe-20 @cwe-755 @asvs-V2.2.1 @asvs-V16.5.3
Feature: Unusual news is taken calmly

  Providers add types, versions and fields when they like; proxies re-wrap bodies. What is signed by the provider must be
  acknowledged, understood where possible, and never bring the shop down.

  @high @defect-W03
  Scenario Outline: The same event is understood <form>
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a Visa card
    And the "payment succeeded" event arrives, <form>
    Then the event is acknowledged
    And the order is paid
    And the order is fulfilled once

    Examples:
      | form                           |
      | compact                        |
      | indented differently           |
      | with its keys in another order |

  @medium @defect-W07
  Scenario: While the secret is being changed, both signatures travel, and one is enough
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a Visa card
    And the "payment succeeded" event arrives, signed for a rotated secret too
    Then the event is acknowledged
    And the order is paid

  @medium @defect-W38
  Scenario Outline: An event <form> breaks nothing
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a Visa card
    And the "payment succeeded" event arrives, <form>
    Then the event is acknowledged
    And the order and the provider agree
    And the shop still answers

    Examples:
      | form                       |
      | with another API version   |
      | without optional fields    |
      | with fields nobody knows   |

  @medium @defect-W33
  Scenario: An event of a type that nobody has heard of is acknowledged and changes nothing
    Given a shopper who paid 49.99 EUR
    When the "payment succeeded" event arrives, of an unknown type
    Then the event is acknowledged
    And the order stays paid
    And the order is fulfilled once

  @medium @defect-W33 @defect-F08
  Scenario: An event about a payment that nobody has made is acknowledged and changes nothing
    Given a shopper with an unpaid order of 49.99 EUR
    And the shopper starts to pay
    When an odd event arrives, about an object nobody knows
    Then the event is acknowledged
    And the order is unpaid
    And the shop still answers

  @critical @defect-W36
  Scenario Outline: A signed event <form> does not bring the shop down
    Given a shopper with an unpaid order of 49.99 EUR
    And the shopper starts to pay
    When an odd event arrives, <form>
    Then the shop still answers
    And the order stays unpaid
    And nothing is fulfilled

    Examples:
      | form                        |
      | with malformed JSON         |
      | with an empty body          |
      | with no object inside       |
      | with a list for an object   |
      | nested a thousand deep      |

  @critical @defect-W36 @defect-W20
  Scenario: After a poisoned event the next payment is still noticed
    Given a shopper with an unpaid order of 49.99 EUR
    And the shopper starts to pay
    When an odd event arrives, with no object inside
    And the shopper pays with a Visa card
    Then the order is paid
    And the order is fulfilled once

  @medium @defect-W37
  Scenario: A signed event of two megabytes does not stop the shop
    Given a shopper who paid 49.99 EUR
    When an odd event arrives, with a body of two megabytes
    Then the shop still answers
    And the order stays paid

  @critical @defect-W30
  Scenario: An event of the other mode changes nothing
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a Visa card
    And the "payment succeeded" event arrives, of the wrong mode
    Then the order stays unpaid
    And nothing is fulfilled

  @high @defect-W31
  Scenario: An event of another merchant's account changes nothing
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a Visa card
    And the "payment succeeded" event arrives, of another account
    Then the order stays unpaid
    And nothing is fulfilled

  @high @defect-W35
  Scenario Outline: The door opens without being asked twice (<form>)
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a Visa card
    And the "payment succeeded" event arrives, <form>
    Then the event is acknowledged
    And the order is paid

    Examples:
      | form                                 |
      | to the address with a slash added    |
      | from a page of another origin        |
