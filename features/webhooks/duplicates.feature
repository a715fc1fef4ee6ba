@webhooks @pci-6.2.4 @cwe-837 @cwe-362 @asvs-V2.3.3 @wstg-BUSL-05
Feature: News that arrives twice counts once

  Providers promise to deliver at least once, which means: sometimes twice, sometimes at the same moment, sometimes under
  another number. One payment is one parcel.

  @high @defect-W17
  Scenario Outline: The same event <times> times in a row is one payment
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a Visa card
    And the "payment succeeded" event arrives <times> times
    Then the order is paid
    And the order is fulfilled once
    And the books balance and agree with the provider

    Examples:
      | times |
      | 2     |
      | 6     |

  @high @defect-W18
  Scenario Outline: The same event <times> times at once is one payment
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays with a Visa card
    And the "payment succeeded" event arrives <times> times at once
    Then the order is paid
    And the order is fulfilled once
    And the shop keeps one record of the "payment succeeded" event
    And the books balance and agree with the provider

    Examples:
      | times |
      | 2     |
      | 6     |
      | 30    |

  @medium @defect-W33
  Scenario: A repeated event is acknowledged, so that the provider stops sending it
    Given a shopper who paid 49.99 EUR
    When the "payment succeeded" event arrives again
    Then the event is acknowledged

  @high @defect-W23
  Scenario: The same payment under a new event number is still one payment
    Given a shopper who paid 49.99 EUR
    When the "payment succeeded" event arrives, under a new event id
    Then the event is acknowledged
    And the order stays paid
    And the order is fulfilled once
    And the books balance and agree with the provider

  @high @defect-W17 @defect-M06
  Scenario: The same refund event twice is one refund
    Given a shopper who paid 100.00 EUR
    When 40.00 EUR are refunded at the provider's own desk
    And the order is seen as partly refunded
    And the "payment refunded" event arrives again
    Then the order stays partly refunded
    And the shop counts 40.00 EUR as refunded
    And the books balance and agree with the provider

  @high @defect-W23 @defect-M07
  Scenario: The same refund under a new event number is still one refund
    Given a shopper who paid 100.00 EUR
    When 40.00 EUR are refunded at the provider's own desk
    And the order is seen as partly refunded
    And the "payment refunded" event arrives, under a new event id
    Then the order stays partly refunded
    And the shop counts 40.00 EUR as refunded
    And the books balance and agree with the provider

  @medium @defect-D03 @defect-W23 @simulator-only
  Scenario Outline: The "<event>" event twice is booked once
    Given a shopper who paid 49.99 EUR
    When the bank disputes the payment as fraudulent
    And the bank decides the dispute for the shop
    And the order is seen as paid
    And the "<event>" event arrives again
    And the "<event>" event arrives, under a new event id
    Then the order stays paid
    And the books balance and agree with the provider

    Examples:
      | event                    |
      | dispute opened           |
      | dispute funds withdrawn  |
      | dispute funds reinstated |
      | dispute won              |

  @high @defect-W22 @launched
  Scenario: A restart does not make the shop forget what it has seen
    Given a shopper who paid 49.99 EUR
    When the shop is restarted
    And the "payment succeeded" event arrives again
    Then the order stays paid
    And the order is fulfilled once

  @high @defect-W22
  Scenario: Two different events about one payment are two events
    Given a shopper who paid 100.00 EUR
    When 40.00 EUR are refunded at the provider's own desk
    And the order is seen as partly refunded
    And 25.00 EUR are refunded at the provider's own desk
    Then the shop counts 65.00 EUR as refunded
    And the books balance and agree with the provider
